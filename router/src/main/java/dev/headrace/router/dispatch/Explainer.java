package dev.headrace.router.dispatch;

import dev.headrace.router.balance.Demand;
import dev.headrace.router.fleet.Pool;
import dev.headrace.worker.Endpoint;
import java.util.Set;

/** Says how a request would be placed now. Nothing is reserved and nothing learned. Any thread. */
public interface Explainer {

  /**
   * What would be expected of a request.
   *
   * @param promptBytes bytes of its prompt, at least 0
   * @param maxTokens the largest output that the client allows, or below 0: no limit
   */
  Demand expect(String model, long promptBytes, long maxTokens);

  /**
   * Every worker of the pool as the choice sees it.
   *
   * @param excluded keys of workers that were tried already
   */
  Explanation explain(Pool pool, Endpoint endpoint, Set<String> excluded, Demand demand);

  /** The last choices; empty when none are kept. */
  DecisionLog decisions();
}
