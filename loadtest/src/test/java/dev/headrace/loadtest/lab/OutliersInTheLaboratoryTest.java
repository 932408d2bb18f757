package dev.headrace.loadtest.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.balance.OutlierSettings;
import dev.headrace.router.balance.Policy;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What ejection and slow start do to a whole fleet in virtual time. */
final class OutliersInTheLaboratoryTest {
  private final Laboratory lab = new Laboratory(8_000, 7, Laboratory.DEFAULT_CHUNK);

  private static Scenario named(String name) {
    return Scenario.ALL.stream()
        .filter(scenario -> scenario.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aWorkerThatFailsAtOnceGetsAlmostNothingWhateverThePolicy() {
    for (Supplier<Policy> policy : Laboratory.POLICIES) {
      LabResult with = lab.run(named("one fails at once"), policy);
      LabResult without = lab.run(named("one fails at once"), policy, OutlierSettings.OFF);
      System.out.printf(
          "%s: to the failing %.3f%% (without ejection %.3f%%), ttft p99 %.0f ms (%.0f ms)%n",
          with.policy(),
          100 * with.failingShare(),
          100 * without.failingShare(),
          1e3 * with.ttftP99(),
          1e3 * without.ttftP99());
      assertThat(with.failingShare()).as(with.policy()).isLessThan(0.005);
    }
  }

  @Test
  void aWorkerThatIsTenTimesSlowerForAWhileCostsLess() {
    for (Supplier<Policy> policy : Laboratory.POLICIES) {
      LabResult with = lab.run(named("one is slow for a while"), policy);
      LabResult without = lab.run(named("one is slow for a while"), policy, OutlierSettings.OFF);
      System.out.printf(
          "%s: slow, ttft p50 %.0f (%.0f) p99 %.0f ms (without %.0f ms)%n",
          with.policy(),
          1e3 * with.ttftP50(),
          1e3 * without.ttftP50(),
          1e3 * with.ttftP99(),
          1e3 * without.ttftP99());
    }
    for (Supplier<Policy> policy : Laboratory.POLICIES) {
      LabResult with = lab.run(named("a cold one joins"), policy);
      LabResult without = lab.run(named("a cold one joins"), policy, OutlierSettings.OFF);
      System.out.printf(
          "%s: cold, ttft p50 %.0f (%.0f) p99 %.0f ms (without %.0f ms)%n",
          with.policy(),
          1e3 * with.ttftP50(),
          1e3 * without.ttftP50(),
          1e3 * with.ttftP99(),
          1e3 * without.ttftP99());
    }
  }
}
