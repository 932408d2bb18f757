package dev.headrace.router.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.HeadraceConfig.KeyLimits;
import dev.headrace.router.limit.TokenEstimate.Ended;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Each key has its own account, by its own settings or the default. */
class KeysHaveTheirOwnAccountsTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private final AtomicLong clock = new AtomicLong();
  private final List<String> opened = new ArrayList<>();
  private final RateLimits limits = new RateLimits(clock::get, tenant -> opened.add(tenant.key()));

  private void apply(KeyLimits otherwise, Map<String, KeyLimits> keys) {
    limits.apply(new HeadraceConfig.RateLimits(otherwise, keys));
  }

  private static KeyLimits limits(Long requests, Long tokens, Long concurrency) {
    return new KeyLimits(requests, tokens, concurrency, null);
  }

  private LimitRefusal enter(String key) {
    return new Passage(limits.of(key)).enter();
  }

  @Test
  void withoutSettingsNobodyHasOne() {
    apply(KeyLimits.UNTOLD, Map.of());
    assertThat(limits.of("alice")).isNull();
    assertThat(limits.of(null)).isNull();
    assertThat(limits.states()).isEmpty();
    assertThat(opened).isEmpty();
  }

  @Test
  void oneKeysUseIsNotAnothers() {
    apply(limits(2L, null, null), Map.of("bob", limits(1L, null, null)));
    assertThat(enter("alice")).isNull();
    assertThat(enter("alice")).isNull();
    assertThat(enter("alice").kind()).isEqualTo(LimitKind.REQUESTS);
    assertThat(enter("bob")).isNull();
    assertThat(enter("bob").limit()).isEqualTo(1);
    assertThat(enter("carol")).isNull();
    assertThat(enter(null)).isNull();
    assertThat(opened).containsExactly("bob", "alice", "carol", "");
  }

  @Test
  void anEntryTakesWhatItDoesNotSayFromTheDefaultAndCanLiftALimit() {
    apply(
        new KeyLimits(10L, 1000L, 2L, Priority.LOW),
        Map.of("alice", new KeyLimits(0L, 50L, null, null)));
    LimitState alice = limits.of("alice").state();
    assertThat(alice.requests()).isNull();
    assertThat(alice.tokens().limit()).isEqualTo(50);
    assertThat(alice.concurrency()).isEqualTo(2);
    assertThat(alice.priority()).isEqualTo(Priority.LOW);
  }

  @Test
  void aRequestWithAHeldPlaceIsRefusedWithoutCostingARequest() {
    apply(limits(10L, null, 1L), Map.of());
    Passage first = new Passage(limits.of("alice"));
    assertThat(first.enter()).isNull();
    clock.addAndGet(4 * SECOND);
    LimitRefusal refusal = enter("alice");
    assertThat(refusal.kind()).isEqualTo(LimitKind.CONCURRENCY);
    assertThat(refusal.waitMillis()).as("nothing is known yet").isEqualTo(1_000);
    first.leave(0);
    assertThat(limits.of("alice").requests().remaining()).isEqualTo(9);
    Passage second = new Passage(limits.of("alice"));
    assertThat(second.enter()).isNull();
    assertThat(enter("alice").waitMillis()).as("the mean time under way").isEqualTo(4_000);
  }

  @Test
  void newSettingsHoldAtOnceAndWhatIsInUseStaysInUse() {
    apply(limits(4L, 1000L, null), Map.of());
    Passage passage = new Passage(limits.of("alice"));
    assertThat(passage.enter()).isNull();
    assertThat(enter("alice")).isNull();
    assertThat(passage.reserve(new TokenEstimate(400, 100))).isNull();
    apply(limits(40L, 2000L, null), Map.of());
    LimitState now = limits.of("alice").state();
    assertThat(now.requests().limit()).isEqualTo(40);
    assertThat(now.requests().remaining()).as("half was left, half is").isEqualTo(20);
    assertThat(now.tokens().remaining()).isEqualTo(1000);
    passage.leave(100);
    assertThat(limits.of("alice").tokens().remaining()).isEqualTo(1900);
    apply(KeyLimits.UNTOLD, Map.of());
    assertThat(limits.of("alice")).isNull();
    assertThat(limits.states()).isEmpty();
  }

  @Test
  void anEstimateAboveTheWholeLimitPassesWhenNoneOfItIsInUse() {
    apply(limits(null, 1000L, null), Map.of());
    Passage small = new Passage(limits.of("alice"));
    small.enter();
    assertThat(small.reserve(new TokenEstimate(100, 0))).isNull();
    Passage large = new Passage(limits.of("alice"));
    large.enter();
    LimitRefusal refusal = large.reserve(new TokenEstimate(90_000, 10_000));
    assertThat(refusal.kind()).isEqualTo(LimitKind.TOKENS);
    assertThat(refusal.waitNanos()).isEqualTo(6 * SECOND);
    assertThat(refusal.message())
        .isEqualTo(
            "Rate limit reached: 1000 tokens per minute for the API key 'alice'; this request is"
                + " expected to use 100000, and so waits until none of them is in use. Try again in"
                + " 6s.");
    large.leave(0);
    small.leave(100);
    clock.addAndGet(6 * SECOND);
    Passage again = new Passage(limits.of("alice"));
    again.enter();
    assertThat(again.reserve(new TokenEstimate(90_000, 10_000))).isNull();
    again.leave(1_500);
    assertThat(limits.of("alice").tokens().resetNanos())
        .as("what was really used is owed")
        .isEqualTo(90 * SECOND);
  }

  @Test
  void whatIsChargedIsWhatWasToldOrSeenOrElseExpected() {
    TokenEstimate expected = new TokenEstimate(100, 50);
    assertThat(expected.used(Ended.WHOLE, true, 90, 10)).isEqualTo(100);
    assertThat(expected.used(Ended.WHOLE, true, -1, 10)).as("seen").isEqualTo(110);
    assertThat(expected.used(Ended.WHOLE, false, -1, -1)).as("nothing told").isEqualTo(150);
    assertThat(expected.used(Ended.WHOLE, false, 90, -1)).as("prompt told").isEqualTo(140);
    assertThat(expected.used(Ended.GIVEN_UP, true, -1, 7)).isEqualTo(107);
    assertThat(expected.used(Ended.GIVEN_UP, true, -1, -1)).as("prefill").isEqualTo(100);
    assertThat(expected.used(Ended.GIVEN_UP, false, -1, -1)).as("unseen").isEqualTo(150);
    assertThat(expected.used(Ended.UNSERVED, true, -1, -1)).isZero();
    assertThat(expected.used(Ended.UNSERVED, true, -1, 0)).isZero();
    assertThat(expected.used(Ended.UNSERVED, true, -1, 3)).as("it broke midway").isEqualTo(103);
    assertThat(TokenEstimate.NONE.used(Ended.WHOLE, false, -1, -1)).isZero();
    assertThat(TokenEstimate.NONE.used(Ended.WHOLE, false, 12, 0)).isEqualTo(12);
  }

  @Test
  void aKeysClassIsItsDefaultAndItsHighest() {
    assertThat(Priority.told(null, null, Priority.HIGH)).isEqualTo(Priority.HIGH);
    assertThat(Priority.told("low", "high", Priority.HIGH)).isEqualTo(Priority.LOW);
    assertThat(Priority.told("high", null, Priority.LOW)).isEqualTo(Priority.LOW);
    assertThat(Priority.told(null, "high", Priority.MEDIUM)).isEqualTo(Priority.MEDIUM);
    assertThat(Priority.told("high", null, null)).isEqualTo(Priority.HIGH);
    assertThat(Priority.told(null, null, null)).isEqualTo(Priority.MEDIUM);
  }
}
