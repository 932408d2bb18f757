package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What holds in every history, and under every interleaving. */
final class OutliersKeepTheirPromisesTest {
  private static final int SEEDS = 300;
  private static final int STEPS = 400;

  @Test
  void inEveryHistory() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      OutlierRig rig = new OutlierRig(OutlierRig.SETTINGS, 1 + random.nextInt(6), seed);
      List<Lease<OutlierRig.Member>> open = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
        step(rig, random, open);
        check(rig, seed, step);
      }
      open.forEach(lease -> lease.close(Ending.IGNORED));
      rig.pass(60);
      for (int i = 0; i < rig.members.size(); i++) {
        Lease<OutlierRig.Member> last = rig.on(i);
        assertThat(last).as("seed %d: no slot stays taken", seed).isNotNull();
        last.close(Ending.SUCCEEDED);
        assertThat(rig.of(i).admits()).as("seed %d", seed).isTrue();
        assertThat(rig.members.get(i).ledger.inFlight()).isZero();
      }
      assertThat(rig.pool.ejected()).as("seed %d", seed).isZero();
      assertThat(rig.pool.panic()).as("seed %d", seed).isFalse();
    }
  }

  private static void step(OutlierRig rig, Random random, List<Lease<OutlierRig.Member>> open) {
    int worker = random.nextInt(rig.members.size());
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> {
        Lease<OutlierRig.Member> lease = rig.on(worker);
        if (lease != null) {
          open.add(lease);
        }
      }
      case 4, 5, 6 -> {
        if (!open.isEmpty()) {
          Lease<OutlierRig.Member> lease = open.remove(random.nextInt(open.size()));
          if (random.nextBoolean()) {
            lease.tokens(1, rig.now);
          }
          Ending[] endings = Ending.values();
          lease.close(random.nextInt(3) > 0 ? Ending.FAILED : endings[random.nextInt(4)]);
        }
      }
      case 7 -> rig.pass(random.nextDouble() * 8);
      case 8 -> {
        rig.members.get(worker).routable = random.nextInt(4) > 0;
        rig.outliers.recheck();
      }
      default -> {
        if (random.nextInt(20) == 0) {
          rig.of(worker).pardon();
        } else if (random.nextInt(10) == 0) {
          rig.of(worker).recovered();
        }
      }
    }
  }

  private static void check(OutlierRig rig, long seed, int step) {
    long routable = rig.members.stream().filter(OutlierRig.Member::routable).count();
    assertThat(rig.pool.panic())
        .as("seed %d step %d: panic just when more than half is out", seed, step)
        .isEqualTo(rig.pool.ejected() > routable / 2);
    for (OutlierRig.Member member : rig.members) {
      OutlierView view = member.outlier.view();
      boolean waits = view.state().equals("ejected") || view.trialUnderWay();
      assertThat(member.outlier.admits())
          .as("seed %d step %d %s", seed, step, view)
          .isEqualTo(rig.pool.panic() || !waits);
      assertThat(member.outlier.barrier() == null).isEqualTo(member.outlier.admits());
      assertThat(member.outlier.share()).isBetween(0.1, 1.0);
    }
  }

  @Test
  void manyLoopsStartOneTrialAtATime() throws Exception {
    int threads = 4;
    int rounds = 300;
    OutlierRig rig = new OutlierRig(OutlierRig.SETTINGS, 4, 1);
    ExecutorService loops = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < rounds; round++) {
        rig.of(0).pardon();
        rig.eject(0);
        rig.pass(12);
        AtomicInteger trials = new AtomicInteger();
        CountDownLatch ready = new CountDownLatch(threads);
        CountDownLatch done = new CountDownLatch(threads);
        List<Lease<OutlierRig.Member>> leases =
            java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < threads; i++) {
          Picker picker = new Picker(new Random(i), () -> rig.now);
          loops.execute(
              () -> {
                ready.countDown();
                while (ready.getCount() > 0) {
                  Thread.onSpinWait();
                }
                Lease<OutlierRig.Member> lease =
                    picker.pick(
                        List.of(rig.members.get(0)),
                        m -> m.outlier.admits(),
                        new RandomPolicy(),
                        Demand.TYPICAL);
                if (lease != null) {
                  trials.incrementAndGet();
                  leases.add(lease);
                }
                done.countDown();
              });
        }
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(trials.get()).isEqualTo(1);
        leases.forEach(lease -> lease.close(Ending.IGNORED));
        assertThat(rig.members.get(0).ledger.inFlight()).isZero();
      }
    } finally {
      loops.shutdownNow();
    }
  }
}
