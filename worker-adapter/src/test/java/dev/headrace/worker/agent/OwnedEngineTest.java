package dev.headrace.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** An owned engine is started, started again when it ends, and never left behind. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the test's engines are shell scripts")
class OwnedEngineTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private final List<String> output = new CopyOnWriteArrayList<>();
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final List<String> ends = new CopyOnWriteArrayList<>();
  private Vertx vertx;
  private ProcessKeeper keeper;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void close() {
    if (keeper != null) {
      keeper.kill();
    }
    FakeRegistry.finish(vertx.close());
  }

  @Test
  void itsOutputComesOutLineByLineAndItsEndIsFollowedByANewStart() {
    start("sh", "-c", "echo run $$; exit 3");
    await().atMost(LIMIT).until(() -> output.size() >= 2);
    assertThat(output.get(0)).startsWith("run ").isNotEqualTo(output.get(1));
    assertThat(ends.get(0)).isEqualTo("its process ended with code 3");
    assertThat(said.get(0)).contains("ended with code 3; starting it again in");
  }

  @Test
  void aStopAsksPolitely() {
    start("sh", "-c", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done");
    await().atMost(LIMIT).until(() -> output.contains("up"));
    FakeRegistry.finish(keeper.stop(Duration.ofSeconds(20)));
    await().atMost(LIMIT).until(() -> output.contains("bye"));
    assertThat(ends).isEmpty();
    assertThat(said).isEmpty();
  }

  @Test
  void whoeverDoesNotListenIsKilledWithItsChildren() {
    start("sh", "-c", "trap '' TERM; sleep 1000 & echo $! $$; while :; do sleep 0.1; done");
    await().atMost(LIMIT).until(() -> !output.isEmpty());
    FakeRegistry.finish(keeper.stop(Duration.ofMillis(300)));
    await().atMost(LIMIT).until(() -> pids().stream().noneMatch(OwnedEngineTest::alive));
  }

  @Test
  void aKillLeavesNobody() {
    start("sh", "-c", "sleep 1000 & echo $! $$; wait");
    await().atMost(LIMIT).until(() -> !output.isEmpty());
    keeper.kill();
    await().atMost(LIMIT).until(() -> pids().stream().noneMatch(OwnedEngineTest::alive));
    assertThat(said).isEmpty();
  }

  @Test
  void aProgramThatDoesNotExistIsSaidAtOnce() {
    assertThatThrownBy(() -> start("no-such-engine", "-x"))
        .hasStackTraceContaining("'no-such-engine' is not on PATH");
    assertThatThrownBy(() -> start("/no/such/engine"))
        .hasStackTraceContaining("'/no/such/engine' is no executable file");
  }

  private List<Long> pids() {
    return List.of(output.get(0).split(" ")).stream().map(Long::valueOf).toList();
  }

  private static boolean alive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  private void start(String... command) {
    Context context = vertx.getOrCreateContext();
    keeper =
        new ProcessKeeper(
            context,
            List.of(command),
            output::add,
            said::add,
            ends::add,
            System::nanoTime,
            new Random(5));
    FakeRegistry.finish(keeper.start());
  }
}
