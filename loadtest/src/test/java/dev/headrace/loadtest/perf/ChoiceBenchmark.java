package dev.headrace.loadtest.perf;

import dev.headrace.router.balance.Affinity;
import dev.headrace.router.balance.Candidate;
import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.Ending;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.balance.ModelMeans;
import dev.headrace.router.balance.Picker;
import dev.headrace.router.balance.Policies;
import dev.headrace.router.balance.Policy;
import dev.headrace.router.balance.ServiceRates;
import dev.headrace.router.balance.WorkerLedger;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One choice of a worker by JMH: choosing, reserving a place, giving it back, on one thread, while
 * each worker holds a few requests. {@link ChoiceCost} measures the same without JMH, for all
 * policies.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Xmx128m")
public class ChoiceBenchmark {
  private static final int HELD_PER_WORKER = 4;
  private static final int DEMANDS = 1_024;

  private record Target(WorkerLedger ledger, ServiceRates rates, double weight)
      implements Candidate {
    Target {
      rates.observations(); // as in the router's own Worker, which says why
    }
  }

  @Param({"10", "100", "1000"})
  int workers;

  @Param("least-load")
  String policy;

  private final List<Target> targets = new ArrayList<>();
  private final Demand[] demands = new Demand[DEMANDS];
  private Policy chooser;
  private Picker picker;
  private int next;

  /** Opens the ledgers and fills them. */
  @Setup
  public void fill() {
    SplittableRandom random = new SplittableRandom(workers);
    ModelMeans means = new ModelMeans();
    for (int i = 0; i < workers; i++) {
      WorkerLedger ledger = new WorkerLedger("w" + i, 1_000_000, means, System::nanoTime);
      targets.add(new Target(ledger, ledger.rates("model"), 1));
    }
    for (int i = 0; i < DEMANDS; i++) {
      long key = Affinity.of("session " + random.nextInt());
      demands[i] = new Demand(1 + random.nextInt(4_000), 1 + random.nextInt(500)).with(key);
    }
    chooser = Policies.of(policy);
    picker = new Picker(random, System::nanoTime);
    for (int i = 0; i < HELD_PER_WORKER * workers; i++) {
      picker.pick(targets, target -> true, chooser, demands[i % DEMANDS]);
    }
  }

  /** One choice with its reservation and its release. */
  @Benchmark
  public Lease<?> choose() {
    Lease<Target> lease =
        picker.pick(targets, target -> true, chooser, demands[next++ & (DEMANDS - 1)]);
    lease.close(Ending.IGNORED);
    return lease;
  }

  int held() {
    return targets.stream().mapToInt(target -> target.ledger().inFlight()).sum();
  }
}
