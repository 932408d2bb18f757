package dev.headrace.loadtest.result;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.loadtest.result.Verdict.Kind;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private static final GeneratorHealth FINE = new GeneratorHealth(0.3, 0.4, 5, 0.2, 0.5);

  @Test
  void aGeneratorWithTimeToSpareIsValid() {
    assertThat(Verdict.of(FINE, 20, 1000, 0, 0))
        .isEqualTo(new Verdict(Kind.VALID, java.util.List.of()));
  }

  @Test
  void aBusyGeneratorIsTheLimit() {
    Verdict verdict = Verdict.of(new GeneratorHealth(0.95, 1, 5, 0.2, 0.5), 20, 1000, 0, 0);
    assertThat(verdict.kind()).isEqualTo(Kind.DEGRADED);
    assertThat(verdict.reasons()).singleElement().asString().contains("busy for 95 %");
  }

  @Test
  void aLateGeneratorIsTheLimitUnlessLatenessVanishesInWhatIsMeasured() {
    GeneratorHealth late = new GeneratorHealth(0.3, 0.4, 5, 3.0, 0.5);
    assertThat(Verdict.of(late, 20, 1000, 0, 0).kind()).isEqualTo(Kind.DEGRADED);
    assertThat(Verdict.of(late, 2000, 1000, 0, 0).kind()).isEqualTo(Kind.VALID);
  }

  @Test
  void laggingLoopsAreTheLimit() {
    GeneratorHealth lag = new GeneratorHealth(0.3, 0.4, 5, 0.2, 9);
    assertThat(Verdict.of(lag, 20, 1000, 0, 0).kind()).isEqualTo(Kind.DEGRADED);
  }

  @Test
  void aSlowTargetIsNotTheGeneratorsFault() {
    assertThat(Verdict.of(FINE, 20, 1000, 500, 0).kind()).isEqualTo(Kind.SATURATED);
    assertThat(Verdict.of(FINE, 20, 1000, 5, 0).kind()).isEqualTo(Kind.VALID);
    assertThat(Verdict.of(FINE, Double.NaN, 1000, 0, 1).kind()).isEqualTo(Kind.SATURATED);
  }

  @Test
  void aPercentileWithTooFewValuesBeyondItIsNotGiven() {
    Histogram histogram = new Histogram(3);
    for (int i = 1; i <= 100; i++) {
      histogram.recordValue(i * 1000L);
    }
    LatencySummary summary = new LatencySummary(histogram);
    assertThat(summary.percentile(90)).isBetween(89.9, 90.2);
    assertThat(summary.percentile(99)).isNaN();
    assertThat(summary.max()).isBetween(99.9, 100.2);
    assertThat(new LatencySummary(new Histogram(3)).percentile(50)).isNaN();
  }
}
