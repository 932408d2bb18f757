package dev.headrace.router.fleet.consul;

import static dev.headrace.router.fleet.consul.FakeConsul.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Consul that was restored or restarted counts from below; nothing is missed for that. */
class IndexGoingBackwardsTest {
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
  void aRestartedConsulIsAskedFromTheBeginning() {
    consul.instances("llm", 5000, instance("a", 9001));
    try (Watched fleet = new Watched(vertx, consul, Duration.ZERO, "llm")) {
      fleet.until(workers -> workers.keySet().equals(Set.of("a")));
      await().atMost(Watched.LIMIT).until(() -> consul.isWaitedFor(FakeConsul.healthOf("llm")));
      consul.close();
      consul.instances("llm", 12, instance("b", 9002));
      consul.open();

      // A query with the old index would now hang for the whole wait of 20 s.
      await().atMost(Duration.ofSeconds(15)).until(() -> fleet.now().keySet().equals(Set.of("b")));
      consul.instances("llm", 13, instance("b", 9002), instance("c", 9003));
      await()
          .atMost(Duration.ofSeconds(15))
          .until(() -> fleet.now().keySet().equals(Set.of("b", "c")));
    }
  }

  @Test
  void aQueryNeverCarriesAnIndexBelowOneAfterTheFirstAnswer() {
    consul.instances("llm", 0, instance("a", 9001));
    try (Watched fleet = new Watched(vertx, consul, Duration.ZERO, "llm")) {
      fleet.until(workers -> workers.containsKey("a"));
      await().atMost(Watched.LIMIT).until(() -> consul.asked(FakeConsul.healthOf("llm")) >= 2);
      assertThat(consul.uris().get(0)).contains("index=0");
      assertThat(consul.uris().get(1)).contains("index=1");
    }
  }

  @Test
  void workersThatARestartedConsulForgotStayUntilTheyAreBackOrTimeIsOver() {
    consul.instances("llm", 5000, instance("a", 9001), instance("b", 9002));
    try (Watched fleet = new Watched(vertx, consul, Duration.ofSeconds(4), "llm")) {
      fleet.until(workers -> workers.size() == 2);
      consul.close();
      consul.instances("llm", 12);
      consul.open();
      await().atMost(Watched.LIMIT).until(() -> consul.isWaitedFor(FakeConsul.healthOf("llm")));
      assertThat(fleet.now()).containsOnlyKeys("a", "b");

      consul.instances("llm", 13, instance("a", 9001));
      fleet.until(workers -> workers.keySet().equals(Set.of("a")));
      assertThat(fleet.reports).noneMatch(report -> report.isEmpty());
    }
  }
}
