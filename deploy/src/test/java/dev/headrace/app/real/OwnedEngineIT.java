package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * {@code headrace worker --exec}: a real llama-server, owned by the agent, known to a real Consul.
 */
@NeedsParts({RealPart.CONSUL, RealPart.LLAMA_SERVER})
class OwnedEngineIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String LONG_STREAM =
      "{\"prompt\":\"hi\",\"max_tokens\":%d,\"stream\":true,\"ignore_eos\":true}";
  private ConsulAgent consul;
  private ChildProcess agent;
  private Caller engine;
  private int port;

  @BeforeEach
  void start() {
    consul = ConsulAgent.start();
    port = FreePort.next();
    engine = new Caller("http://127.0.0.1:" + port);
    String exec =
        LlamaServer.command(port, TinyModel.slow(), "tiny model", 2, 2048).stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    List<String> command = new ArrayList<>();
    command.addAll(
        PackagedProgram.command(
            "worker",
            "--url",
            "http://127.0.0.1:" + port,
            "--consul",
            consul.address(),
            "--id",
            "owned",
            "--exec",
            exec));
    agent = ChildProcess.start("owning-agent", command, Map.of());
    await().atMost(LIMIT).failFast("the agent ended", () -> !agent.alive()).until(this::passing);
  }

  @AfterEach
  void stop() {
    agent.close();
    consul.close();
  }

  @Test
  void anEngineThatDiesIsStartedAgainAndNotPassingMeanwhile() {
    assertThat(service().at("/Service/Meta/engine").asText()).isEqualTo("llamacpp");
    assertThat(service().at("/Service/Meta/models").asText()).isEqualTo("tiny model");
    assertThat(service().at("/Service/Meta/max-concurrency").asText()).isEqualTo("2");
    ProcessHandle first = engineProcess();
    first.destroyForcibly();
    await().atMost(LIMIT).until(() -> !passing());
    await().atMost(LIMIT).until(this::passing);
    assertThat(engineProcess().pid()).isNotEqualTo(first.pid());
  }

  @Test
  void aSignalDrainsStreamsFinishAndNothingIsLeft() throws Exception {
    ProcessHandle process = engineProcess();
    try (InputStream stream = engine.open("/v1/completions", LONG_STREAM.formatted(600)).body()) {
      assertThat(stream.read()).isPositive();
      agent.terminate();
      await().atMost(LIMIT).until(() -> checks().contains("_service_maintenance:owned"));
      assertThat(new String(stream.readAllBytes(), StandardCharsets.UTF_8))
          .contains("data: [DONE]");
    }
    assertThat(agent.await(LIMIT)).isZero();
    assertThat(service().isMissingNode()).isTrue();
    assertThat(process.isAlive()).isFalse();
    assertThat(agent.output()).contains("drained: the engine is idle", "deregistered from Consul");
  }

  @Test
  void aSecondSignalEndsAtOnceAndLeavesNoOrphan() throws Exception {
    ProcessHandle process = engineProcess();
    try (InputStream stream = engine.open("/v1/completions", LONG_STREAM.formatted(2000)).body()) {
      assertThat(stream.read()).isPositive();
      agent.terminate();
      await().atMost(LIMIT).until(() -> agent.output().contains("draining"));
      agent.terminate();
      assertThat(agent.await(Duration.ofSeconds(10))).isEqualTo(143);
      await().atMost(LIMIT).until(() -> !process.isAlive());
    }
  }

  @Test
  void anAgentThatIsKilledTakesItsEngineWithIt() {
    assumeThat(Files.isExecutable(Path.of("/usr/bin/setpriv"))).as("setpriv is there").isTrue();
    ProcessHandle process = engineProcess();
    agent.kill();
    await().atMost(LIMIT).until(() -> !process.isAlive());
  }

  private boolean passing() {
    return service().at("/Checks").isArray()
        && service().at("/Checks").findValuesAsText("Status").stream().allMatch("passing"::equals);
  }

  private List<String> checks() {
    return service().at("/Checks").findValuesAsText("CheckID");
  }

  private JsonNode service() {
    return consul.caller().get("/v1/health/service/headrace-worker").json().path(0);
  }

  /** The process that answers: the agent's only child. */
  private ProcessHandle engineProcess() {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains("--port " + port))
        .filter(process -> process.info().command().orElse("").indexOf("java") < 0)
        .findFirst()
        .orElseThrow();
  }
}
