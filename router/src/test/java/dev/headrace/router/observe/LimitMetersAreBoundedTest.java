package dev.headrace.router.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.HeadraceConfig.KeyLimits;
import dev.headrace.router.limit.Passage;
import dev.headrace.router.limit.RateLimits;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
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
}
