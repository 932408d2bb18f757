package dev.headrace.loadtest.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What least load promises, in the laboratory: the router's own classes in virtual time. */
final class LeastLoadBesideTheOracleTest {
  private static final long SEED = 7;
  private static LabReport report;

  @BeforeAll
  static void run() {
    report = new Laboratory(20_000, SEED, Laboratory.DEFAULT_CHUNK).run();
  }

  private static LabResult of(String scenario, String policy) {
    return LabReport.named(report.byScenario().get(scenario), policy);
  }

  private static double toOracle(String scenario) {
    return of(scenario, "least-load").ttftP99() / of(scenario, "oracle").ttftP99();
  }

  private static double toLeastRequests(String scenario) {
    return of(scenario, "least-load").ttftP99() / of(scenario, "least-requests").ttftP99();
  }

  @Test
  void onEqualWorkersItIsNearTheOracleAndTwiceAsGoodAsCountingRequests() {
    assertThat(toOracle("equal")).isLessThanOrEqualTo(1.15);
    assertThat(toLeastRequests("equal")).isLessThanOrEqualTo(0.5);
    assertThat(of("equal", "least-load").tpotP99())
        .isLessThanOrEqualTo(1.05 * of("equal", "least-requests").tpotP99());
  }

  @Test
  void onUnequalHardwareItFindsTheSpeedsByItself() {
    assertThat(toOracle("speeds 1:2:4")).isLessThanOrEqualTo(1.25);
    assertThat(toLeastRequests("speeds 1:2:4")).isLessThanOrEqualTo(0.4);
  }

  @Test
  void withLittleLoadTheFastWorkersAreNotSparedForTheSlowOnes() {
    assertThat(toOracle("speeds 1:2:4, little load")).isLessThanOrEqualTo(1.15);
  }

  @Test
  void lateGaugesAFastFailingWorkerAndOtherRoutersDoLittleHarm() {
    assertThat(toOracle("late gauges")).isLessThanOrEqualTo(1.5);
    assertThat(toOracle("one fails at once")).isLessThanOrEqualTo(1.5);
    assertThat(toOracle("four routers")).isLessThanOrEqualTo(1.5);
    assertThat(of("one fails at once", "least-load").failingShare()).isLessThan(0.02);
  }

  @Test
  void theSameSeedGivesTheSameResultAndAnotherOneDoesNot() {
    Laboratory again = new Laboratory(3_000, SEED, Laboratory.DEFAULT_CHUNK);
    Scenario scenario = Scenario.ALL.get(0);
    LabResult first = again.run(scenario, Laboratory.POLICIES.get(1));
    assertThat(again.run(scenario, Laboratory.POLICIES.get(1))).isEqualTo(first);
    assertThat(
            new Laboratory(3_000, SEED + 1, Laboratory.DEFAULT_CHUNK)
                .run(scenario, Laboratory.POLICIES.get(1)))
        .isNotEqualTo(first);
  }

  @Test
  void theTableAndThePageNameEveryPolicyOfEveryScenario() {
    List<String> table = report.table();
    String page = report.html();
    assertThat(report.byScenario()).hasSize(Scenario.ALL.size());
    report
        .byScenario()
        .forEach(
            (scenario, results) -> {
              assertThat(table).contains("**" + scenario + "**");
              assertThat(page).contains("<h2>" + scenario + "</h2>");
              assertThat(results).hasSize(Laboratory.POLICIES.size());
              results.forEach(r -> assertThat(page).contains("<td>" + r.policy() + "<td>"));
            });
  }
}
