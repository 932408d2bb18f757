package dev.headrace.loadtest.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.balance.LeastLoadPolicy;
import dev.headrace.router.balance.OutlierSettings;
import dev.headrace.router.balance.Policy;
import dev.headrace.router.balance.RandomPolicy;
import dev.headrace.router.balance.RoundRobinPolicy;
import java.util.List;
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

  private LabResult with(String scenario, Supplier<Policy> policy) {
    return lab.run(named(scenario), policy);
  }

  private LabResult without(String scenario, Supplier<Policy> policy) {
    return lab.run(named(scenario), policy, OutlierSettings.OFF);
  }

  @Test
  void aWorkerThatFailsAtOnceGetsAlmostNothingWhateverThePolicy() {
    for (Supplier<Policy> policy : Laboratory.POLICIES) {
      LabResult result = with("one fails at once", policy);
      assertThat(result.failingShare()).as(result.policy()).isLessThan(0.002);
    }
    assertThat(without("one fails at once", RoundRobinPolicy::new).failingShare())
        .isGreaterThan(0.12);
  }

  @Test
  void aWorkerThatIsTenTimesSlowerForAWhileIsFoundByPoliciesThatLookAtNothing() {
    Laboratory longer = new Laboratory(20_000, 7, Laboratory.DEFAULT_CHUNK);
    Scenario scenario = named("one is slow for a while");
    for (Supplier<Policy> policy :
        List.<Supplier<Policy>>of(RoundRobinPolicy::new, RandomPolicy::new)) {
      double without = longer.run(scenario, policy, OutlierSettings.OFF).ttftP99();
      assertThat(longer.run(scenario, policy).ttftP99()).isLessThan(0.5 * without);
    }
  }

  @Test
  void leastLoadDoesNotSufferFromIt() {
    for (Scenario scenario : Scenario.ALL) {
      assertThat(with(scenario.name(), LeastLoadPolicy::new).ttftP99())
          .as(scenario.name())
          .isLessThanOrEqualTo(1.05 * without(scenario.name(), LeastLoadPolicy::new).ttftP99());
    }
  }

  @Test
  void aWorkerThatJoinsColdBeginsAsAnAverageOne() {
    LabResult leastLoad = with("a cold one joins", LeastLoadPolicy::new);
    LabResult oracle = with("a cold one joins", OraclePolicy::new);
    assertThat(leastLoad.ttftP99()).isLessThan(1.25 * oracle.ttftP99());
  }
}
