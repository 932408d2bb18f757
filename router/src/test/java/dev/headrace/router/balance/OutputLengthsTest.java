package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headrace.worker.Endpoint;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How long answers will be is learned from those that came, the closest first. */
class OutputLengthsTest {
  private static final Origin ALICE = new Origin("m", Endpoint.CHAT, "alice");
  private static final Origin BOB = new Origin("m", Endpoint.CHAT, "bob");
  private static final Origin ANYONE = new Origin("m", Endpoint.CHAT, null);
  private final OutputLengths lengths = new OutputLengths();

  private void learn(Origin origin, int answers, long tokens) {
    for (int i = 0; i < answers; i++) {
      lengths.learn(origin, tokens, -1);
    }
  }

  @Test
  void nothingKnownMeansTheUsualLengthWithinTheLimit() {
    assertThat(lengths.expect(ALICE, -1)).isEqualTo(200);
    assertThat(lengths.expect(ALICE, 16)).isEqualTo(16);
    assertThat(lengths.expect(ALICE, 0)).isEqualTo(1);
  }

  @Test
  void eachKeyIsExpectedByItsOwnAnswers() {
    for (int i = 0; i < 200; i++) {
      lengths.learn(ALICE, 20, -1);
      lengths.learn(BOB, 1000, -1);
    }
    assertThat(lengths.expect(ALICE, -1)).isCloseTo(20, within(100.0));
    assertThat(lengths.expect(BOB, -1)).isCloseTo(1000, within(100.0));
    assertThat(lengths.expect(ANYONE, -1)).isCloseTo(510, within(60.0));
  }

  @Test
  void aKeyThatHasSaidLittleIsExpectedByItsModel() {
    learn(BOB, 200, 1000);
    double before = lengths.expect(ALICE, -1);
    assertThat(before).isCloseTo(1000, within(50.0));
    lengths.learn(ALICE, 1, -1);
    assertThat(lengths.expect(ALICE, -1)).isBetween(700.0, before);
    learn(ALICE, 60, 1);
    assertThat(lengths.expect(ALICE, -1)).isLessThan(200);
  }

  @Test
  void endpointsDiffer() {
    Origin completions = new Origin("m", Endpoint.COMPLETIONS, null);
    for (int i = 0; i < 200; i++) {
      lengths.learn(ANYONE, 800, -1);
      lengths.learn(completions, 8, -1);
    }
    assertThat(lengths.expect(ANYONE, -1)).isCloseTo(800, within(100.0));
    assertThat(lengths.expect(completions, -1)).isLessThan(100);
  }

  @Test
  void answersThatWereCutDoNotPassForShortOnes() {
    long seed = 5;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      long length = (long) (-600 * Math.log(1 - random.nextDouble()));
      lengths.learn(ALICE, Math.min(length, 100), 100);
    }
    // The mean of what came is below 100; that of what was wanted is 600, bounded by 4 times.
    assertThat(lengths.expect(ALICE, -1)).isBetween(300.0, 900.0);
    assertThat(lengths.expect(ALICE, 100)).isEqualTo(100);
  }

  @Test
  void noMeanRunsAwayWhenEveryAnswerIsCut() {
    for (int i = 0; i < 1000; i++) {
      lengths.learn(ALICE, 100, 100);
    }
    assertThat(lengths.expect(ALICE, -1)).isBetween(100.0, 500.0);
    assertThat(lengths.expect(ALICE, 100)).isEqualTo(100);
  }

  @Test
  void keysAreHeldInBoundedNumberAndTheBusyOnesStay() {
    RecentKeys<String, Object> keys = new RecentKeys<>(64);
    Object busy = keys.findOrAdd("busy", Object::new);
    for (int i = 0; i < 100_000; i++) {
      keys.findOrAdd("key " + i, Object::new);
      assertThat(keys.find("busy")).isSameAs(busy);
    }
    int held = 0;
    for (int i = 0; i < 100_000; i++) {
      held += keys.find("key " + i) == null ? 0 : 1;
    }
    assertThat(held).isBetween(32, keys.capacity());
    assertThat(keys.capacity()).isEqualTo(64);
    assertThat(keys.find("key 99999")).isNotNull();
  }
}
