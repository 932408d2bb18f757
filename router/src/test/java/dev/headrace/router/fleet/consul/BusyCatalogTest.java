package dev.headrace.router.fleet.consul;

import static dev.headrace.router.fleet.consul.FakeConsul.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Consul that answers at once though nothing changed is not asked without pause. */
class BusyCatalogTest {
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
  void instantAnswersWithoutAChangeAreAskedForAboutOnceASecond() {
    consul.instances("llm", 5, instance("a", 9001));
    consul.instant();
    long begun = System.nanoTime();
    try (Watched fleet = new Watched(vertx, consul, Duration.ZERO, "llm")) {
      await()
          .pollDelay(Duration.ofSeconds(3))
          .atMost(Watched.LIMIT)
          .until(() -> consul.asked(HEALTH) > QueryPace.BURST);
      int asked = consul.asked(HEALTH);
      double seconds = (System.nanoTime() - begun) / 1e9;
      assertThat(asked).isLessThanOrEqualTo(QueryPace.BURST + 2 + (int) Math.ceil(seconds));
      assertThat(fleet.reports).hasSize(1);
    }
  }

  @Test
  void servicesAreFollowedByPrefix() {
    consul.services(7, "llm-a", "other");
    consul.instances("llm-a", 5, instance("a", 9001));
    consul.instances("llm-b", 6, instance("b", 9002));
    try (Watched fleet = new Watched(vertx, consul, Duration.ZERO, "llm-*", "extra")) {
      fleet.until(workers -> workers.keySet().equals(java.util.Set.of("a")));
      consul.services(8, "llm-a", "llm-b", "other");
      fleet.until(workers -> workers.keySet().equals(java.util.Set.of("a", "b")));
      consul.services(9, "llm-b", "other");
      fleet.until(workers -> workers.keySet().equals(java.util.Set.of("b")));
      assertThat(consul.asked(FakeConsul.healthOf("other"))).isZero();
    }
  }
}
