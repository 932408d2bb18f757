package dev.headrace.loadtest.perf;

import com.sun.management.ThreadMXBean;
import dev.headrace.router.balance.Affinity;
import dev.headrace.router.balance.Candidate;
import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.Ending;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.balance.ModelMeans;
import dev.headrace.router.balance.Outlier;
import dev.headrace.router.balance.OutlierPool;
import dev.headrace.router.balance.OutlierSettings;
import dev.headrace.router.balance.Outliers;
import dev.headrace.router.balance.Picker;
import dev.headrace.router.balance.Policies;
import dev.headrace.router.balance.Policy;
import dev.headrace.router.balance.ServiceRates;
import dev.headrace.router.balance.WorkerLedger;
import dev.headrace.router.scan.Prefix;
import dev.headrace.worker.AllowForbidden;
import dev.headrace.worker.load.WorkerLoad;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What one choice of a worker costs: time and allocation of {@link Picker#pick} and of closing the
 * lease, on one thread, while each worker holds a few requests. Started by {@code
 * loadtest/perf/choice-cost} with the nanoseconds of one round and, unless it only prints, the
 * result file.
 */
public final class ChoiceCost {
  private static final int[] FLEETS = {10, 100, 1_000};
  private static final int WARM_UP_ROUNDS = 6;
  private static final int ROUNDS = 7;
  private static final int HELD_PER_WORKER = 4;
  private static final int DEMANDS = 1_024;
  private static final int BATCH = 256;

  /** As costly to look at as a worker of the fleet. */
  private record Target(WorkerLedger ledger, ServiceRates rates, Outlier outlier)
      implements Candidate {
    Target {
      rates.observations(); // as in the router's own Worker, which says why
    }

    @Override
    public double weight() {
      return outlier.share();
    }
  }

  /** Medians over the rounds. */
  private record Cost(String policy, int workers, double nanos, double bytes) {}

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final long roundNanos;

  private ChoiceCost(long roundNanos) {
    this.roundNanos = roundNanos;
  }

  @AllowForbidden("a program of its own: standard output is its console")
  public static void main(String[] args) throws IOException {
    PrintStream out = System.out;
    ChoiceCost program = new ChoiceCost(Long.parseLong(args[0]));
    List<Cost> costs = new ArrayList<>();
    for (String policy : Policies.names()) {
      for (int workers : FLEETS) {
        Cost cost = program.measure(policy, workers);
        costs.add(cost);
        out.printf(
            Locale.ROOT,
            "%-15s %5d workers  %8.0f ns  %4.0f bytes%n",
            policy,
            workers,
            cost.nanos(),
            cost.bytes());
      }
    }
    if (args.length == 2) {
      Files.writeString(Path.of(args[1]), String.join("\n", program.markdown(costs)) + "\n");
    }
  }

  private Cost measure(String name, int workers) {
    SplittableRandom random = new SplittableRandom(workers);
    ModelMeans means = new ModelMeans();
    OutlierPool pool =
        new Outliers(OutlierSettings.DEFAULT, System::nanoTime, InstantSource.system(), random)
            .of("model");
    List<Target> targets = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      WorkerLedger ledger = new WorkerLedger("w" + i, 1_000_000, means, System::nanoTime);
      targets.add(new Target(ledger, ledger.rates("model"), pool.join(ledger.workerId())));
    }
    pool.members(targets);
    Demand[] demands = new Demand[DEMANDS];
    for (int i = 0; i < DEMANDS; i++) {
      long key = Affinity.of("session " + random.nextInt());
      demands[i] =
          new Demand(1 + random.nextInt(4_000), 1 + random.nextInt(500))
              .with(key)
              .with(prefix(random));
    }
    Policy policy = Policies.of(name);
    Picker picker = new Picker(random, System::nanoTime);
    for (int i = 0; i < HELD_PER_WORKER * workers; i++) {
      choose(picker, targets, policy, demands[i % DEMANDS]);
    }
    double[] nanos = new double[ROUNDS];
    double[] bytes = new double[ROUNDS];
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      targets.forEach(ChoiceCost::report);
      long choices = 0;
      long before = threads.getCurrentThreadAllocatedBytes();
      long began = System.nanoTime();
      long spent;
      do {
        for (int i = 0; i < BATCH; i++) {
          Demand demand = demands[(int) (choices++ % DEMANDS)];
          choose(picker, targets, policy, demand).close(Ending.IGNORED);
        }
        spent = System.nanoTime() - began;
      } while (spent < roundNanos);
      if (round >= 0) {
        nanos[round] = (double) spent / choices;
        bytes[round] = (double) (threads.getCurrentThreadAllocatedBytes() - before) / choices;
      }
    }
    return new Cost(name, workers, median(nanos), median(bytes));
  }

  /**
   * What an engine tells once a second: with others' requests, some waiting, and a cache in use.
   */
  private static void report(Target target) {
    WorkerLoad load =
        WorkerLoad.of(System.nanoTime(), HELD_PER_WORKER + 2, 3, 0.4).withKvTokens(400_000);
    target.ledger().reported(load, target.ledger().account());
  }

  /** As of a prompt of 16 KB, of which three blocks are a system prompt that all have. */
  private static Prefix prefix(SplittableRandom random) {
    long[] hashes = new long[62];
    int[] ends = new int[hashes.length];
    for (int block = 0; block < hashes.length; block++) {
      hashes[block] = block < 3 ? block + 1 : random.nextLong();
      ends[block] = block + 1;
    }
    return new Prefix(hashes, ends, hashes.length);
  }

  private static Lease<Target> choose(
      Picker picker, List<Target> targets, Policy policy, Demand demand) {
    Lease<Target> lease = picker.pick(targets, target -> target.outlier().admits(), policy, demand);
    if (lease == null) {
      throw new IllegalStateException("no worker has room");
    }
    return lease;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private List<String> markdown(List<Cost> costs) {
    List<String> lines = new ArrayList<>();
    lines.add("# What one choice costs");
    lines.add("");
    lines.add("Written by `loadtest/perf/choice-cost`; run it again to compare.");
    lines.add("");
    lines.add(
        "Choosing a worker, reserving a place on it, and giving the place back: one thread, "
            + HELD_PER_WORKER
            + " requests held per worker, all workers eligible, each with a fresh report of its engine."
            + " Microseconds, median of "
            + ROUNDS
            + " rounds of "
            + roundNanos / 1_000_000
            + " ms each, after "
            + WARM_UP_ROUNDS
            + " rounds of warm-up.");
    lines.add("");
    lines.add("| policy | 10 workers | 100 workers | 1000 workers | bytes allocated per choice |");
    lines.add("|---|---:|---:|---:|---:|");
    for (int i = 0; i < costs.size(); i += FLEETS.length) {
      List<Cost> row = costs.subList(i, i + FLEETS.length);
      double most = row.stream().mapToDouble(Cost::bytes).max().orElse(0);
      lines.add(
          String.format(
              Locale.ROOT,
              "| `%s` | %.2f | %.2f | %.2f | %.0f |",
              row.get(0).policy(),
              row.get(0).nanos() / 1e3,
              row.get(1).nanos() / 1e3,
              row.get(2).nanos() / 1e3,
              most));
    }
    lines.add("");
    lines.add("What is allocated is the lease, which lives as long as its request.");
    lines.add("");
    lines.add("## Measured with");
    lines.add("");
    Machine.facts().forEach((name, value) -> lines.add("- " + name + ": " + value));
    return lines;
  }
}
