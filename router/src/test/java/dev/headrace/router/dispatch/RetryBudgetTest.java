package dev.headrace.router.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Further attempts are a bounded share of what clients ask. */
class RetryBudgetTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private long now = -17;

  @Test
  void aTotalOutageCostsTheShareAndNoMore() {
    RetryBudget budget = new RetryBudget(0.2, 0, () -> now);
    int attempts = 0;
    int requests = 0;
    for (int i = 0; i < 100_000; i++) {
      now += SECOND / 500;
      budget.request();
      requests++;
      attempts++;
      while (attempts < 3 * requests && budget.tryRetry()) {
        attempts++;
      }
      assertThat(attempts).isLessThanOrEqualTo((int) (1.2 * requests + 1e-9));
    }
    assertThat((double) attempts / requests).isBetween(1.19, 1.2);
  }

  @Test
  void quietTimesHaveTheFloor() {
    RetryBudget budget = new RetryBudget(0.2, 3, () -> now);
    for (int i = 0; i < 3 * RetryBudget.SECONDS; i++) {
      assertThat(budget.tryRetry()).isTrue();
    }
    assertThat(budget.tryRetry()).isFalse();
    for (int i = 0; i < 5; i++) {
      budget.request();
    }
    assertThat(budget.tryRetry()).isTrue();
    assertThat(budget.tryRetry()).isFalse();
    now += RetryBudget.SECONDS * SECOND;
    assertThat(budget.tryRetry()).isTrue();
  }

  @Test
  void noRetryIsGrantedBeyondTheBoundOfItsWindow() {
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      double share = random.nextDouble();
      double rate = random.nextInt(4);
      RetryBudget budget = new RetryBudget(share, rate, () -> now);
      int seconds = 60;
      int[] requests = new int[seconds];
      int[] retries = new int[seconds];
      for (int second = 0; second < seconds; second++) {
        int arrivals = random.nextInt(4) == 0 ? 0 : random.nextInt(50);
        for (int i = 0; i < arrivals; i++) {
          budget.request();
          requests[second]++;
          if (random.nextInt(3) > 0 && budget.tryRetry()) {
            retries[second]++;
            double asked = 0;
            double again = 0;
            for (int back = Math.max(0, second - RetryBudget.SECONDS + 1); back <= second; back++) {
              asked += requests[back];
              again += retries[back];
            }
            assertThat(again)
                .as("seed %d second %d", seed, second)
                .isLessThanOrEqualTo(share * asked + rate * RetryBudget.SECONDS + 1e-6);
          }
        }
        now += SECOND;
      }
    }
  }

  @Test
  void severalLoopsShareIt() throws Exception {
    RetryBudget budget = new RetryBudget(0.2, 0, () -> now);
    AtomicInteger granted = new AtomicInteger();
    int loops = 4;
    int each = 5_000;
    CountDownLatch done = new CountDownLatch(loops);
    for (int i = 0; i < loops; i++) {
      Thread loop =
          new Thread(
              () -> {
                for (int k = 0; k < each; k++) {
                  budget.request();
                  if (budget.tryRetry()) {
                    granted.incrementAndGet();
                  }
                }
                done.countDown();
              });
      loop.start();
    }
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(granted.get()).isBetween((int) (0.15 * loops * each), (int) (0.2 * loops * each));
  }
}
