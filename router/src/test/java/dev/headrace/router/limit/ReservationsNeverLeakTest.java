package dev.headrace.router.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.HeadraceConfig.KeyLimits;
import dev.headrace.router.limit.TokenEstimate.Ended;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Whatever becomes of requests, in the end nothing is reserved and what was used is charged. */
class ReservationsNeverLeakTest {
  private static final int REQUESTS = 100_000;
  private final AtomicLong clock = new AtomicLong();

  private RateLimits limits(Long requests, Long tokens, Long concurrency) {
    RateLimits limits = new RateLimits(clock::get, tenant -> {});
    limits.apply(settings(requests, tokens, concurrency));
    return limits;
  }

  private static HeadraceConfig.RateLimits settings(Long requests, Long tokens, Long concurrency) {
    return new HeadraceConfig.RateLimits(
        new KeyLimits(requests, tokens, concurrency, null), Map.of());
  }

  private static Tenant tenant(RateLimits limits) {
    Tenant tenant = limits.of("alice");
    assertThat(tenant).isNotNull();
    return tenant;
  }

  private static Ended ended(SplittableRandom random) {
    Ended[] all = Ended.values();
    return all[random.nextInt(all.length)];
  }

  @Test
  void afterAnyMixOfEndings() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    RateLimits limits = limits(100_000L, 2_000_000L, 50L);
    Tenant tenant = tenant(limits);
    List<Passage> under = new ArrayList<>();
    List<TokenEstimate> estimates = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < REQUESTS; i++) {
      clock.addAndGet(random.nextLong(2_000_000));
      if (i % 10_000 == 5_000) {
        // Limits that change, vanish and come back under the feet of requests.
        boolean off = random.nextBoolean();
        limits.apply(
            settings(random.nextLong(1, 200_000), off ? null : random.nextLong(1, 4_000_000), 50L));
      }
      Passage passage = new Passage(tenant);
      TokenEstimate expected = new TokenEstimate(random.nextLong(3_000), random.nextLong(1_000));
      if (passage.enter() != null) {
        refused++;
        passage.leave(0);
      } else if (random.nextInt(20) == 0) {
        passage.leave(0);
      } else if (passage.reserve(expected) != null) {
        refused++;
        passage.leave(0);
      } else {
        under.add(passage);
        estimates.add(expected);
      }
      while (under.size() > 40 || (!under.isEmpty() && random.nextInt(3) == 0)) {
        int which = random.nextInt(under.size());
        Passage over = under.remove(which);
        long used =
            estimates
                .remove(which)
                .used(
                    ended(random),
                    random.nextBoolean(),
                    random.nextLong(-1, 3_000),
                    random.nextLong(-1, 2_000));
        over.leave(used);
        over.leave(used);
      }
    }
    assertThat(tenant.state().inFlight()).isEqualTo(under.size());
    under.forEach(passage -> passage.leave(0));
    assertThat(tenant.state().inFlight()).as("seed %s", seed).isZero();
    assertThat(tenant.state().reservedTokens()).as("seed %s", seed).isZero();
    assertThat(refused).isPositive().isLessThan(REQUESTS);
    assertThat(tenant.refusals(LimitKind.REQUESTS) + tenant.refusals(LimitKind.TOKENS))
        .isEqualTo(refused);
    clock.addAndGet(TokenBucket.MOST_OWED);
    limits.apply(settings(100L, 100L, 50L));
    assertThat(tenant.requests().remaining()).isEqualTo(100);
    assertThat(tenant.tokens().remaining()).isEqualTo(100);
  }

  @Test
  void theSumOfWhatWasUsedIsWhatTheBucketLacks() {
    RateLimits limits = limits(null, 1_000_000L, null);
    Tenant tenant = tenant(limits);
    SplittableRandom random = new SplittableRandom(7);
    long used = 0;
    for (int i = 0; i < 1_000; i++) {
      Passage passage = new Passage(tenant);
      assertThat(passage.enter()).isNull();
      assertThat(passage.reserve(new TokenEstimate(random.nextLong(500), 400))).isNull();
      long really = random.nextLong(900);
      passage.leave(really);
      used += really;
    }
    assertThat(1_000_000 - tenant.tokens().remaining()).isCloseTo(used, within(2L));
  }

  @Test
  void afterManyThreadsAtOnceAndNoneGetsMoreThanTheLimit() throws Exception {
    RateLimits limits = limits(20_000L, null, 3L);
    Tenant tenant = tenant(limits);
    AtomicLong most = new AtomicLong();
    AtomicLong passed = new AtomicLong();
    AtomicLong inside = new AtomicLong();
    int threads = 4;
    CountDownLatch done = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < REQUESTS / 4; i++) {
                  Passage passage = new Passage(tenant);
                  if (passage.enter() == null) {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    passed.incrementAndGet();
                    passage.reserve(new TokenEstimate(10, 10));
                    inside.decrementAndGet();
                    passage.leave(5);
                  }
                }
                done.countDown();
              });
      thread.start();
    }
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(most.get()).isLessThanOrEqualTo(3);
    assertThat(passed.get()).isEqualTo(20_000);
    assertThat(tenant.state().inFlight()).isZero();
    assertThat(tenant.state().reservedTokens()).isZero();
  }
}
