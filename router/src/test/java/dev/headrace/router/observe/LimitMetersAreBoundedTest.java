package dev.headrace.router.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.HeadraceConfig.KeyLimits;
import dev.headrace.router.limit.LimitState;
import dev.headrace.router.limit.Passage;
import dev.headrace.router.limit.RateLimits;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** However many keys there are, the number of meters has a bound, and nothing is lost. */
class LimitMetersAreBoundedTest {

  @Test
  void keysBeyondTheBoundShareTheirMeters() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    LimitMeters meters = new LimitMeters(registry);
    RateLimits limits = new RateLimits(() -> 0, meters::watch);
    limits.apply(new HeadraceConfig.RateLimits(new KeyLimits(1L, null, null, null), Map.of()));
    int keys = LimitMeters.NAMED + 50;
    for (int i = 0; i < keys; i++) {
      new Passage(limits.of("key-" + i)).enter();
      new Passage(limits.of("key-" + i)).enter();
    }
    assertThat(registry.getMeters()).hasSize((LimitMeters.NAMED + 1) * 6);
    assertThat(
            registry
                .find("headrace.limit.refusals")
                .tags("key", "other", "limit", "requests")
                .functionCounter()
                .count())
        .isEqualTo(50);
    assertThat(
            registry.find("headrace.limit.refusals").functionCounters().stream()
                .mapToDouble(FunctionCounter::count)
                .sum())
        .isEqualTo(keys);
    assertThat(
            registry
                .find("headrace.limit.used.ratio")
                .tags("key", "other", "limit", "requests")
                .gauge()
                .value())
        .isEqualTo(1);
  }

  @Test
  void keysThatAreNoMoreLeaveNothingButTheirCount() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    LimitMeters meters = new LimitMeters(registry);
    RateLimits limits = new RateLimits(() -> 0, meters::watch);
    KeyLimits one = new KeyLimits(1L, null, null, null);
    limits.apply(new HeadraceConfig.RateLimits(one, Map.of("named", one)));
    limits.of("stays");
    Passage underWay = new Passage(limits.of("busy"));
    underWay.enter();
    for (int i = 0; i < 10_000; i++) {
      Passage first = new Passage(limits.of("key-" + i));
      first.enter();
      new Passage(limits.of("key-" + i)).enter();
      first.leave(0);
    }
    int late = 10_000 - (LimitMeters.NAMED - 3);
    assertThat(refused(registry, "other")).isEqualTo(late);

    limits.keepOnly(Set.of("stays"), meters::forget);
    assertThat(limits.states())
        .extracting(LimitState::key)
        .containsExactlyInAnyOrder("named", "stays", "busy");
    assertThat(registry.getMeters()).hasSize(4 * 6);
    assertThat(refused(registry, "other")).isEqualTo(late);
    limits.of("new");
    assertThat(refused(registry, "new")).isZero();

    underWay.leave(0);
    limits.keepOnly(Set.of("stays"), meters::forget);
    assertThat(registry.getMeters()).hasSize(3 * 6);
  }

  private static double refused(SimpleMeterRegistry registry, String key) {
    return registry
        .get("headrace.limit.refusals")
        .tags("key", key, "limit", "requests")
        .functionCounter()
        .count();
  }
}
