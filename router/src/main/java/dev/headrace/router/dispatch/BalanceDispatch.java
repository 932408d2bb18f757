package dev.headrace.router.dispatch;

import dev.headrace.router.balance.Affinity;
import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.balance.Origin;
import dev.headrace.router.balance.Picker;
import dev.headrace.router.balance.Policies;
import dev.headrace.router.balance.Policy;
import dev.headrace.router.balance.RequestBook;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.FleetView;
import dev.headrace.router.fleet.ModelSettings;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.sse.TokenUsage;
import dev.headrace.worker.Endpoint;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Answers at once: by the policy of the model, one of the workers that are routable, serve the
 * endpoint and were not tried, or why there is none. Any thread.
 */
public final class BalanceDispatch implements Dispatch, Explainer {
  /** A full fleet frees a place with each answer that ends: soon. */
  public static final long RETRY_FULL_MILLIS = 1_000;

  /** Workers come back with a health check or a registration: a few seconds. */
  public static final long RETRY_NONE_MILLIS = 3_000;

  private final FleetView fleet;

  /** By model; those of models that have left the fleet go. */
  private final Map<String, Policy> policies = new ConcurrentHashMap<>();

  private final RequestBook book = new RequestBook();
  private final DecisionLog decisions;
  private final EstimateWatch estimates;
  private final ThreadLocal<Picker> pickers;

  /** Ties are broken by {@code random}, which must be safe for use by all event loops. */
  public BalanceDispatch(FleetView fleet, RandomGenerator random) {
    this(fleet, random, DecisionLog.NONE, EstimateWatch.NONE);
  }

  /** The same, with a record of what was chosen, and told how good the estimates were. */
  public BalanceDispatch(
      FleetView fleet, RandomGenerator random, DecisionLog decisions, EstimateWatch estimates) {
    this.fleet = fleet;
    this.decisions = decisions;
    this.estimates = estimates;
    this.pickers = ThreadLocal.withInitial(() -> new Picker(random, System::nanoTime));
    fleet.onTidy(
        names -> {
          book.keepOnly(names.models());
          policies.keySet().retainAll(names.models());
        });
  }

  @Override
  public Waiting ask(Wanted wanted, Executor home, Consumer<Placement> answer) {
    Demand demand = expect(wanted);
    Explanation seen =
        wanted.explain() || decisions.size() > 0
            ? explain(wanted.pool(), wanted.endpoint(), wanted.excluded(), demand)
            : null;
    Lease<Worker> lease =
        pickers
            .get()
            .pick(wanted.pool().workers(), wanted::fits, policy(wanted.pool().model()), demand);
    if (seen != null && decisions.size() > 0) {
      decisions.add(wanted.pool().model(), wanted.endpoint(), lease, seen);
    }
    answer.accept(lease == null ? why(wanted) : new Placed(lease, wanted.explain() ? seen : null));
    return Waiting.OVER;
  }

  /** What the request is expected to cost. */
  public Demand expect(Wanted wanted) {
    return book.expect(origin(wanted), wanted.scan())
        .with(Affinity.of(wanted.session()))
        .with(wanted.scan().prefix());
  }

  @Override
  public Explainer explainer() {
    return this;
  }

  @Override
  public DecisionLog decisions() {
    return decisions;
  }

  @Override
  public Demand expect(String model, long promptBytes, long maxTokens) {
    return book.expect(model, promptBytes, maxTokens);
  }

  @Override
  public Explanation explain(Pool pool, Endpoint endpoint, Set<String> excluded, Demand demand) {
    return Explanation.of(
        policy(pool.model()), pool, endpoint, excluded, demand, System.nanoTime());
  }

  @Override
  public void learn(Wanted wanted, TokenUsage usage) {
    Origin origin = origin(wanted);
    if (RequestBook.countsAll(origin, usage.prompt(), usage.cached())) {
      double expected = book.expect(origin, wanted.scan()).promptTokens();
      estimates.judged(wanted.endpoint(), origin.model(), expected, (double) usage.prompt());
    }
    book.learn(origin, wanted.scan(), usage.prompt(), usage.completion(), usage.cached());
  }

  private static Origin origin(Wanted wanted) {
    return new Origin(wanted.pool().model(), wanted.endpoint(), wanted.tenant());
  }

  /** The policy that the model's settings name now; a new one when they changed. */
  private Policy policy(String model) {
    ModelSettings settings = fleet.current().settings().get(model);
    String name = settings == null ? Policies.DEFAULT : settings.policy();
    Policy policy = policies.get(model);
    if (policy != null && policy.name().equals(name)) {
      return policy;
    }
    return policies.compute(
        model, (key, held) -> held != null && held.name().equals(name) ? held : Policies.of(name));
  }

  private static NoPlace why(Wanted wanted) {
    String model = wanted.pool().model();
    boolean served = false;
    boolean usable = false;
    boolean untried = false;
    for (Worker worker : wanted.pool().workers()) {
      if (worker.engine().pathOf(wanted.endpoint()) != null) {
        served = true;
        if (worker.routable() && worker.outlier().admits()) {
          usable = true;
          untried |= !wanted.excluded().contains(worker.spec().key());
        }
      }
    }
    if (!served) {
      return new NoPlace(
          ErrorCode.UNSUPPORTED_ENDPOINT,
          "No worker that serves the model '" + model + "' has " + wanted.endpoint().path() + ".",
          -1);
    }
    if (!untried) {
      return new NoPlace(
          ErrorCode.NO_WORKER_AVAILABLE,
          "The model '" + model + "' is known, but none of its workers can take a request now.",
          RETRY_NONE_MILLIS,
          usable);
    }
    return new NoPlace(
        ErrorCode.NO_CAPACITY,
        "All workers that serve the model '" + model + "' are full.",
        RETRY_FULL_MILLIS);
  }
}
