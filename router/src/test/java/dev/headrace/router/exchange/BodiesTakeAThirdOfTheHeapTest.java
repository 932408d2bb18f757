package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.config.HeadraceConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** However many bytes of bodies may be held by the settings, the heap has room for them. */
class BodiesTakeAThirdOfTheHeapTest {

  @Test
  void inASmallHeapTheHeapDecides() {
    Bounds bounds = new Bounds(limits(1_000), 300);

    assertThat(bounds.takeBodyBytes(100)).isTrue();
    assertThat(bounds.takeBodyBytes(1)).isFalse();
  }

  @Test
  void inALargeHeapTheSettingDecides() {
    Bounds bounds = new Bounds(limits(1_000), 30_000);

    assertThat(bounds.takeBodyBytes(1_000)).isTrue();
    assertThat(bounds.takeBodyBytes(1)).isFalse();
  }

  private static HeadraceConfig.Limits limits(long bodies) {
    Duration any = Duration.ofSeconds(1);
    return new HeadraceConfig.Limits(bodies, bodies, 1, 1, 1, any, any, any);
  }
}
