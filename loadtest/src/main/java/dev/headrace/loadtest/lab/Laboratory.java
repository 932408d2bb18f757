package dev.headrace.loadtest.lab;

import dev.headrace.router.balance.LeastLoadPolicy;
import dev.headrace.router.balance.LeastRequestsPolicy;
import dev.headrace.router.balance.OutlierSettings;
import dev.headrace.router.balance.PeakEwmaPolicy;
import dev.headrace.router.balance.Policy;
import dev.headrace.router.balance.PowerOfTwoPolicy;
import dev.headrace.router.balance.RandomPolicy;
import dev.headrace.router.balance.RoundRobinPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The policy laboratory: runs the router's own balance classes against simulated engines in virtual
 * time, over several scenarios, beside an oracle. The same seed gives the same result.
 */
public final class Laboratory {
  /** Prompt tokens of one step, as engines that protect the decoding beside it set it. */
  public static final int DEFAULT_CHUNK = 512;

  /** The policies that are compared; the first is the yardstick. */
  static final List<Supplier<Policy>> POLICIES =
      List.of(
          OraclePolicy::new,
          LeastLoadPolicy::new,
          LeastRequestsPolicy::new,
          PowerOfTwoPolicy::new,
          PeakEwmaPolicy::new,
          RoundRobinPolicy::new,
          RandomPolicy::new);

  private final int requests;
  private final long seed;
  private final int chunk;

  /**
   * Prepares a run.
   *
   * @param requests per scenario and policy
   * @param chunk prompt tokens that an engine prefills in one step
   */
  public Laboratory(int requests, long seed, int chunk) {
    this.requests = requests;
    this.seed = seed;
    this.chunk = chunk;
  }

  /** Runs all scenarios and returns the report. */
  public LabReport run() {
    List<LabResult> results = new ArrayList<>();
    for (Scenario plain : Scenario.ALL) {
      Scenario scenario = plain.withEngine(plain.engine().withChunk(chunk));
      for (Supplier<Policy> policy : POLICIES) {
        results.add(run(scenario, policy));
      }
    }
    return new LabReport(requests, seed, chunk, results);
  }

  LabResult run(Scenario scenario, Supplier<Policy> policy) {
    return run(scenario, policy, OutlierSettings.DEFAULT);
  }

  LabResult run(Scenario scenario, Supplier<Policy> policy, OutlierSettings outliers) {
    List<LabRequest> drawn = scenario.workload().draw(requests, scenario.rate(), seed);
    Simulation simulation = new Simulation(scenario, drawn, policy, outliers, seed + 1);
    List<LabWorker> workers = simulation.run();
    return LabResult.of(scenario, policy.get().name(), drawn, workers, simulation.failingShare());
  }
}
