package dev.headrace.router.fleet.consul;

import static dev.headrace.router.fleet.consul.FakeConsul.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Consul may go away: what it said last stands, and it is asked again until it answers. */
class LossOfConsulKeepsTheFleetTest {
  private static final String HEALTH = FakeConsul.healthOf("llm");
  private Vertx vertx;
  private FakeConsul consul;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    consul = new FakeConsul(vertx);
  }

  @AfterEach
  void stop() {
    FakeConsul.finish(vertx.close());
  }

  @Test
  void errorsChangeNothing() {
    consul.instances("llm", 5, instance("a", 9001));
    try (Watched fleet = new Watched(vertx, consul, Duration.ZERO, "llm")) {
      fleet.until(workers -> workers.containsKey("a"));
      assertThat(fleet.source.reachable()).isTrue();
      long contact = fleet.source.lastContactNanos();
      await().atMost(Watched.LIMIT).until(() -> consul.isWaitedFor(HEALTH));

      int before = consul.asked(HEALTH);
      consul.failing(true);
      await().atMost(Watched.LIMIT).until(() -> consul.asked(HEALTH) >= before + 3);
      assertThat(fleet.source.reachable()).isFalse();
      assertThat(fleet.reports).hasSize(1);
      assertThat(fleet.source.lastContactNanos()).isEqualTo(contact);

      consul.failing(false);
      consul.instances("llm", 6, instance("a", 9001), instance("b", 9002));
      fleet.until(workers -> workers.containsKey("b"));
      assertThat(fleet.source.reachable()).isTrue();
      assertThat(fleet.source.lastContactNanos()).isGreaterThan(contact);
    }
  }

  @Test
  void aRefusedConnectionChangesNothing() {
    consul.instances("llm", 5, instance("a", 9001));
    try (Watched fleet = new Watched(vertx, consul, Duration.ZERO, "llm")) {
      fleet.until(workers -> workers.containsKey("a"));
      consul.close();
      await().atMost(Watched.LIMIT).until(() -> !fleet.source.reachable());
      assertThat(fleet.reports).hasSize(1);
      consul.open();
      await().atMost(Watched.LIMIT).until(fleet.source::reachable);
      assertThat(fleet.reports).hasSize(1);
    }
  }

  @Test
  void aStartWithoutConsulSucceedsAndTheFleetFollows() {
    consul.close();
    try (Watched fleet = new Watched(vertx, consul, Duration.ZERO, "llm")) {
      assertThat(fleet.reports).isEmpty();
      assertThat(fleet.source.reachable()).isFalse();
      consul.instances("llm", 5, instance("a", 9001));
      consul.open();
      fleet.until(workers -> workers.containsKey("a"));
    }
  }

  @Test
  void workersOfTheProcessBeforeStayWhenConsulComesBackEmpty() {
    consul.instances("llm", 5, instance("a", 9001), instance("b", 9002));
    Watched earlier = new Watched(vertx, consul, Duration.ZERO, "llm");
    earlier.until(workers -> workers.size() == 2);
    assertThat(earlier.source.confirmedAtNanos()).isNotNull();
    earlier.close();
    consul.close();
    try (Watched fleet =
        new Watched(
            vertx, consul, Duration.ofMinutes(1), List.copyOf(earlier.now().values()), "llm")) {
      assertThat(fleet.reports).isEmpty();
      assertThat(fleet.source.confirmedAtNanos()).isNull();
      consul.instances("llm", 2);
      consul.open();
      fleet.until(workers -> workers.keySet().equals(Set.of("a", "b")));
      consul.instances("llm", 3, instance("b", 9003));
      fleet.until(workers -> workers.get("b").address().port() == 9003);
      assertThat(fleet.now()).containsOnlyKeys("a", "b");
    }
  }

  @Test
  void nothingIsAskedAfterTheStop() {
    consul.instances("llm", 5, instance("a", 9001));
    Watched fleet = new Watched(vertx, consul, Duration.ZERO, "llm");
    await().atMost(Watched.LIMIT).until(() -> consul.isWaitedFor(HEALTH));
    fleet.close();
    await().atMost(Watched.LIMIT).until(() -> !consul.isWaitedFor(HEALTH));
    int asked = consul.asked(HEALTH);
    consul.instances("llm", 6);
    await()
        .during(Duration.ofMillis(500))
        .atMost(Watched.LIMIT)
        .until(() -> consul.asked(HEALTH) == asked);
    assertThat(fleet.reports).hasSize(1);
  }
}
