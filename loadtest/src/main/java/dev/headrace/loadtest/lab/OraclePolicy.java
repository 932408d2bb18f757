package dev.headrace.loadtest.lab;

import dev.headrace.router.balance.Candidate;
import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.Policy;
import dev.headrace.router.balance.Scan;
import java.util.random.RandomGenerator;

/**
 * Knows what no router can: each engine's true remaining prefill, its true speed and its true
 * batch. It sends each request where its first token comes first. The yardstick for p99 TTFT.
 */
final class OraclePolicy implements Policy {
  @Override
  public String name() {
    return "oracle";
  }

  @Override
  public int choose(Scan scan, Demand demand, RandomGenerator random, long nowNanos) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    int ties = 0;
    for (int i = 0; i < scan.size(); i++) {
      Candidate candidate = scan.candidate(i);
      LabWorker worker = ((LabCandidate) candidate).truth();
      EngineModel model = worker.model;
      double perToken = model.step(worker.decodingCount(), model.chunk()) / model.chunk();
      double ttft = (worker.prefillLeft() + demand.promptTokens()) * perToken;
      if (ttft < least) {
        least = ttft;
        best = i;
        ties = 1;
      } else if (ttft == least && random.nextInt(++ties) == 0) {
        best = i;
      }
    }
    return best;
  }
}
