package dev.headrace.loadtest.perf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the benchmark measures is a whole choice: nothing that it reserved is left. */
final class ChoiceBenchmarkGivesBackTest {
  @Test
  void eachChoiceGivesItsPlaceBack() {
    ChoiceBenchmark benchmark = new ChoiceBenchmark();
    benchmark.workers = 10;
    benchmark.policy = "least-load";
    benchmark.fill();
    int before = benchmark.held();
    for (int i = 0; i < 5_000; i++) {
      assertThat(benchmark.choose().closed()).isTrue();
    }
    assertThat(before).isEqualTo(40);
    assertThat(benchmark.held()).isEqualTo(before);
  }
}
