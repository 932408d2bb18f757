package dev.headrace.loadtest.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.admission.Priority;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Three times the fleet's capacity, over the router's own waiting line in virtual time: what
 * docs/admission.md promises.
 */
final class OverloadIsServedFairlyTest {
  private static final long SEED = 7;
  private static List<OverloadResult> results;

  @BeforeAll
  static void run() {
    results =
        List.of(
            OverloadResult.of(Overload.USUAL.with(Overload.Clients.OBEY), SEED),
            OverloadResult.of(Overload.USUAL.with(Overload.Clients.IMPATIENT), SEED));
    System.out.println("seed " + SEED);
  }

  @Test
  void theFleetStaysAsBusyAsWithoutALimit() {
    assertThat(results)
        .allSatisfy(r -> assertThat(r.goodput()).isGreaterThanOrEqualTo(0.95 * r.capacity()));
  }

  @Test
  void urgentRequestsHardlyWait() {
    assertThat(results)
        .allSatisfy(
            r -> {
              OverloadResult.ClassPart high = r.of(Priority.HIGH);
              assertThat(high.answered()).isEqualTo(high.asked());
              assertThat(high.waitP99()).isLessThanOrEqualTo(2 * r.aloneTtft());
              assertThat(high.waitP99WithStart()).isLessThanOrEqualTo(2 * r.aloneE2e());
            });
  }

  @Test
  void everyClassIsServedAndNobodyWaitsLongerThanTheBound() {
    assertThat(results)
        .allSatisfy(
            r ->
                assertThat(r.classes())
                    .allSatisfy(
                        part -> {
                          assertThat(part.placeShare()).isGreaterThan(0.05);
                          assertThat(part.longestWait())
                              .isLessThanOrEqualTo(r.setting().maxWait() + 0.25);
                        }));
  }

  @Test
  void theLeastUrgentAreServedHoweverLongItLasts() {
    Overload usual = Overload.USUAL;
    Overload four = new Overload(4, usual.cap(), 500, 60, 60, 3, 300, Overload.Clients.IMPATIENT);
    OverloadResult.ClassPart low = OverloadResult.of(four, SEED).of(Priority.LOW);
    assertThat(low.placeShare()).isGreaterThan(0.05);
  }

  @Test
  void aLoudTenantGetsLessThanItAsksForAndTheOthersMore() {
    assertThat(results)
        .allSatisfy(r -> assertThat(r.loudShare()).isLessThan(0.9 * Overload.offeredBy(0)));
  }

  @Test
  void whatARefusalTellsIsTrueWithinAQuarterInTheMedian() {
    assertThat(results)
        .allSatisfy(
            r -> {
              assertThat(r.refusals()).isGreaterThan(1_000);
              assertThat(r.retryAfterError()).isLessThanOrEqualTo(0.25);
            });
  }

  @Test
  void theSameSeedGivesTheSameResult() {
    Overload two = new Overload(2, 16, 100, 60, 60, 3, 20, Overload.Clients.OBEY);
    assertThat(OverloadResult.of(two, SEED)).isEqualTo(OverloadResult.of(two, SEED));
    assertThat(OverloadResult.of(two, SEED)).isNotEqualTo(OverloadResult.of(two, SEED + 1));
  }

  @Test
  void theTableAndThePageShowEachKindOfClientAndEachClass() {
    OverloadReport report = new OverloadReport(SEED, results);
    String table = String.join("\n", report.table());
    assertThat(table).contains("**overload**");
    assertThat(report.section()).contains("<h2>overload</h2>");
    for (OverloadResult result : results) {
      String words = result.setting().clients().words;
      assertThat(table).contains("| " + words + " |");
      assertThat(report.section()).contains("<td>" + words + "<td>");
    }
    for (Priority priority : Priority.values()) {
      assertThat(table).contains("| " + priority.label() + " |");
    }
  }
}
