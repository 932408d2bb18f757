package dev.headrace.loadtest.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.balance.Policy;
import dev.headrace.router.balance.PrefixPolicy;
import dev.headrace.router.balance.RoundRobinPolicy;
import dev.headrace.router.balance.SessionPolicy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the policy {@code prefix} promises, before caches of limited size in virtual time. */
final class PrefixKeepsConversationsCachedTest {
  private static final int REQUESTS = 12_000;

  private static SessionLaboratory.Row row(Supplier<Policy> policy, long seed) {
    return new SessionLaboratory(REQUESTS, seed, Laboratory.DEFAULT_CHUNK)
        .run(policy, SessionLaboratory.LOAD, 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7, 11})
  void aThirdOfThePromptComesFromCachesAndNobodyIsOverloaded(long seed) {
    SessionLaboratory.Row prefix = row(PrefixPolicy::new, seed);
    SessionLaboratory.Row inTurn = row(RoundRobinPolicy::new, seed);
    assertThat(prefix.cachedShare()).as("seed %d", seed).isGreaterThanOrEqualTo(0.34);
    assertThat(prefix.cachedShare()).isGreaterThan(1.7 * inTurn.cachedShare());
    // A root block that all share would send all to one of four: 4.
    assertThat(prefix.maxOverMean()).as("seed %d", seed).isLessThanOrEqualTo(1.1);
    assertThat(prefix.ttftP99()).isLessThan(0.6 * inTurn.ttftP99());
  }

  @Test
  void itNeedsNoKeyToDoBetterThanSessionsByKey() {
    SessionLaboratory.Row prefix = row(PrefixPolicy::new, 7);
    SessionLaboratory.Row session = row(SessionPolicy::new, 7);
    assertThat(prefix.cachedShare()).isGreaterThan(session.cachedShare());
    assertThat(prefix.ttftP99()).isLessThan(session.ttftP99());
  }

  @Test
  void severalRoutersThatKnowNothingOfEachOtherKeepTheCachesWarm() {
    SessionLaboratory.Row four =
        new SessionLaboratory(REQUESTS, 7, Laboratory.DEFAULT_CHUNK)
            .run(PrefixPolicy::new, SessionLaboratory.LOAD, 4);
    assertThat(four.cachedShare()).isGreaterThanOrEqualTo(0.34);
    assertThat(four.maxOverMean()).isLessThanOrEqualTo(1.1);
  }

  @Test
  void theWorkloadFollowsItsLaws() {
    List<LabRequest> drawn = SessionWorkload.draw(50_000, 2, 7);
    Map<Long, Integer> turns = new HashMap<>();
    Set<Long> known = new HashSet<>();
    long blocks = 0;
    long repeated = 0;
    double tokens = 0;
    double before = 0;
    for (LabRequest request : drawn) {
      assertThat(request.arrival).isGreaterThanOrEqualTo(before);
      before = request.arrival;
      turns.merge(request.affinity, 1, Integer::sum);
      tokens += request.promptTokens;
      for (long block : request.blocks) {
        blocks++;
        repeated += known.add(block) ? 0 : 1;
      }
    }
    double single = turns.values().stream().filter(n -> n == 1).count() / (double) turns.size();
    assertThat(single).isBetween(0.67, 0.72);
    assertThat((double) drawn.size() / turns.size()).isBetween(1.55, 1.68);
    assertThat(turns.values()).allSatisfy(n -> assertThat(n).isLessThanOrEqualTo(43));
    assertThat(tokens / drawn.size()).isBetween(11_500.0, 13_500.0);
    // What a cache without bound would give: the trace itself has 36.6 %.
    assertThat((double) repeated / blocks).isBetween(0.36, 0.43);
  }

  @Test
  void theSameSeedGivesTheSameRow() {
    SessionLaboratory lab = new SessionLaboratory(2_000, 7, Laboratory.DEFAULT_CHUNK);
    assertThat(lab.run(PrefixPolicy::new, 0.6, 1)).isEqualTo(lab.run(PrefixPolicy::new, 0.6, 1));
    assertThat(lab.table()).anyMatch(line -> line.startsWith("| prefix |"));
  }
}
