package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.scan.Prefix;
import org.junit.jupiter.api.Test;

/** The table forgets the oldest, never grows, and tells a crowd from a conversation. */
final class PrefixTableTest {
  private static final long WORKER = Affinity.hash("w1");

  private final PrefixTable table = new PrefixTable();
  private final PrefixHits hits = new PrefixHits();

  private static Prefix prefix(long... pieces) {
    return Prompts.of(pieces).prefix();
  }

  private int held(Prefix prefix, long worker) {
    table.look(prefix, 4, hits);
    return hits.of(PrefixTable.fingerprint(worker));
  }

  @Test
  void theLastFourWorkersOfABlockAreKnown() {
    for (int worker = 0; worker < 6; worker++) {
      table.note(prefix(1, 2), Affinity.hash("worker " + worker));
    }
    for (int worker = 0; worker < 6; worker++) {
      assertThat(held(prefix(1, 2, 3), Affinity.hash("worker " + worker)))
          .isEqualTo(worker < 2 ? -1 : 1);
    }
  }

  @Test
  void aWorkerThatComesAgainIsNotRememberedTwice() {
    for (int i = 0; i < 12; i++) {
      table.note(prefix(1), Affinity.hash("worker " + i % 4));
    }
    for (int worker = 0; worker < 4; worker++) {
      assertThat(held(prefix(1), Affinity.hash("worker " + worker))).isZero();
    }
  }

  @Test
  void whatIsUsedStaysAndWhatIsNotMakesRoom() {
    int prompts = 2 * PrefixTable.MOST_SLOTS;
    for (int i = 0; i < prompts; i++) {
      table.note(prefix(1_000_000L + i), WORKER);
      if (i % 1_000 == 0) {
        table.note(prefix(7, 8, 9), WORKER);
      }
    }
    assertThat(held(prefix(7, 8, 9), WORKER)).isEqualTo(2);
    int known = 0;
    for (int i = 0; i < prompts; i++) {
      known += held(prefix(1_000_000L + i), WORKER) >= 0 ? 1 : 0;
    }
    assertThat(known).isBetween(PrefixTable.MOST_SLOTS * 9 / 10, PrefixTable.MOST_SLOTS);
    assertThat(held(prefix(1_000_000L + prompts - 1), WORKER)).isZero();
  }

  @Test
  void itGrowsWithWhatItHoldsAndForgetsNothingByIt() {
    assertThat(table.size()).isEqualTo(PrefixTable.FIRST_SLOTS);
    int prompts = 10_000;
    for (int i = 0; i < prompts; i++) {
      table.note(prefix(i, 1, 2), Affinity.hash("worker " + i % 3));
    }
    int known = 0;
    for (int i = 0; i < prompts; i++) {
      known += held(prefix(i, 1, 2, 3), Affinity.hash("worker " + i % 3)) == 2 ? 1 : 0;
    }
    // Half full at most; sets of eight overflow rarely.
    assertThat(known).isGreaterThan(prompts * 98 / 100);
    assertThat(table.size()).isBetween(1 << 15, 1 << 16);
  }

  @Test
  void aConversationAloneIsNoCrowdAndThreeAre() {
    for (int turn = 0; turn < 50; turn++) {
      table.note(Prompts.turn(1, turn).prefix(), WORKER);
    }
    table.look(Prompts.turn(1, 50).prefix(), 4, hits);
    assertThat(hits.ownFrom()).isZero();
    for (int conversation = 2; conversation < 60; conversation++) {
      table.note(Prompts.turn(conversation, 0).prefix(), WORKER);
    }
    table.look(Prompts.turn(1, 50).prefix(), 4, hits);
    assertThat(hits.ownFrom()).isEqualTo(2);
  }

  @Test
  void aCrowdThatHasGoneIsForgotten() {
    for (int conversation = 0; conversation < 2_000; conversation++) {
      table.note(Prompts.turn(conversation, 0).prefix(), WORKER);
    }
    table.look(Prompts.turn(1, 1).prefix(), 4, hits);
    assertThat(hits.ownFrom()).isEqualTo(2);
    for (int i = 0; i < 20_000; i++) {
      table.note(prefix(5_000_000L + i), WORKER);
    }
    table.look(Prompts.turn(1, 1).prefix(), 4, hits);
    assertThat(hits.ownFrom()).isZero();
  }
}
