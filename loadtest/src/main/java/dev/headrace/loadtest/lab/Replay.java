package dev.headrace.loadtest.lab;

import dev.headrace.router.balance.Candidate;
import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.Ending;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.balance.ModelMeans;
import dev.headrace.router.balance.Picker;
import dev.headrace.router.balance.Policy;
import dev.headrace.router.balance.ServiceRates;
import dev.headrace.router.balance.WorkerLedger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The recorded arrivals of one model once more, with another policy, in virtual time. Each worker
 * is an engine at the speeds that the router had learned of it; each router begins with what was
 * learned. Who finds all candidates full waits, first come first served. One thread; the same seed
 * gives the same run.
 */
final class Replay implements LabWorker.Listener {
  private static final String MODEL = "model";
  private static final int LESSONS = 40;
  private static final int UNLIMITED_SLOTS = 256;
  private static final int ROOM = 10_000_000;

  /** Of the learned time per prompt token, at least; where steps alone take longer than learned. */
  private static final double LEAST_SHARE = 0.1;

  private record Event(double time, long order, int worker, int version)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Double.compare(time, other.time);
      return byTime == 0 ? Long.compare(order, other.order) : byTime;
    }
  }

  private record Target(
      WorkerLedger ledger,
      ServiceRates rates,
      double weight,
      LabWorker engine,
      String key,
      RecordedChoice.Rates learned)
      implements Candidate {}

  private final List<RecordedChoice> recorded;
  private final Policy policy;
  private final Picker picker;
  private final List<Target> pool = new ArrayList<>();
  private final List<LabRequest> requests = new ArrayList<>();
  private final ArrayDeque<LabRequest> waiting = new ArrayDeque<>();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final @Nullable String[] chosen;
  private double now;
  private double nextRest;
  private long order;

  /**
   * @param recorded of one model, oldest first, each with a chosen worker and none a retry
   * @param chunk prompt tokens that an engine prefills in one step
   */
  Replay(List<RecordedChoice> recorded, Policy policy, int chunk, long seed) {
    this.recorded = recorded;
    this.policy = policy;
    this.picker = new Picker(new SplittableRandom(seed), this::nanos);
    this.chosen = new String[recorded.size()];
    Map<String, RecordedChoice.Candidate> latest = new HashMap<>();
    recorded.forEach(choice -> choice.workers().forEach(w -> latest.put(w.key(), w)));
    ModelMeans means = new ModelMeans();
    latest.keySet().stream().sorted().forEach(key -> open(latest.get(key), means, chunk));
    pool.forEach(this::teach);
    double first = recorded.get(0).at();
    double start = now + 1;
    for (int i = 0; i < recorded.size(); i++) {
      RecordedChoice choice = recorded.get(i);
      requests.add(
          new LabRequest(
              i,
              start + Math.max(0, choice.at() - first),
              (int) Math.max(1, Math.round(choice.promptTokens())),
              choice.outputTokens(),
              1,
              new long[0]));
    }
  }

  private void open(RecordedChoice.@Nullable Candidate worker, ModelMeans means, int chunk) {
    if (worker == null) {
      return;
    }
    EngineModel model = engine(worker, chunk);
    LabWorker engine = new LabWorker(pool.size(), model, this);
    WorkerLedger ledger = new WorkerLedger(worker.key(), worker.capacity(), means, this::nanos);
    Target target =
        new Target(
            ledger, ledger.rates(MODEL), worker.weight(), engine, worker.key(), worker.rates());
    pool.add(target);
  }

  /**
   * The engine that a worker's learned speeds describe. A step without prefill is the learned gap;
   * a prompt token takes what makes the prefill of a mean prompt p, in steps of the chunk and
   * beside the n requests that the worker usually held, as long as was learned of it:
   *
   * <pre>fixed + perToken * p = ceil(p / chunk) * (gap + gapPerRequest * n) + x * p</pre>
   */
  private EngineModel engine(RecordedChoice.Candidate worker, int chunk) {
    RecordedChoice.Rates rates = worker.rates();
    double prompt = recorded.stream().mapToDouble(RecordedChoice::promptTokens).average().orElse(1);
    double held =
        recorded.stream()
            .flatMap(choice -> choice.workers().stream())
            .filter(seen -> seen.key().equals(worker.key()))
            .mapToInt(RecordedChoice.Candidate::inFlight)
            .average()
            .orElse(0);
    double steps = Math.ceil(prompt / chunk) * (rates.gap() + rates.gapPerRequest() * held);
    double perToken = (rates.fixed() + rates.perToken() * prompt - steps) / prompt;
    return new EngineModel(
        1,
        Math.max(1e-6, rates.gap()),
        rates.gapPerRequest(),
        Math.max(perToken, Math.max(1e-9, LEAST_SHARE * rates.perToken())),
        chunk,
        Math.min(worker.capacity(), UNLIMITED_SLOTS),
        ROOM,
        16);
  }

  /** Lets the ledger see prefills of many lengths at the worker's speed, before time begins. */
  private void teach(Target target) {
    RecordedChoice.Rates rates = target.learned();
    for (int i = 0; i < LESSONS; i++) {
      double tokens = 50 * (1 + i % 20);
      Lease<Target> lease =
          picker.pick(List.of(target), any -> true, policy, new Demand(tokens, 1));
      if (lease == null) {
        throw new IllegalStateException("an idle worker has no room");
      }
      now += rates.fixed() + rates.perToken() * tokens;
      lease.tokens(1, nanos());
      lease.close(Ending.SUCCEEDED);
    }
  }

  /** Runs until the last request has ended. */
  void run() {
    int next = 0;
    while (next < requests.size() || !events.isEmpty()) {
      Event event = events.peek();
      if (next < requests.size() && (event == null || requests.get(next).arrival <= event.time)) {
        LabRequest request = requests.get(next++);
        now = request.arrival;
        rest();
        if (!place(request)) {
          waiting.add(request);
        }
      } else {
        events.remove();
        LabWorker engine = pool.get(event.worker).engine();
        if (event.version == engine.planVersion) {
          now = event.time;
          if (engine.complete(now)) {
            schedule(engine);
          }
          waiting.removeIf(this::place);
        }
      }
    }
    if (!waiting.isEmpty()) {
      throw new IllegalStateException("requests that no worker of theirs can take");
    }
  }

  /** Once a second, as a router does: what was learned of an idle worker fades. */
  private void rest() {
    if (now >= nextRest) {
      pool.forEach(target -> target.ledger().rest(nanos()));
      nextRest = now + 1;
    }
  }

  private boolean place(LabRequest request) {
    RecordedChoice choice = recorded.get(request.id);
    Set<String> listed = new HashSet<>();
    Set<String> barred = new HashSet<>();
    for (RecordedChoice.Candidate worker : choice.workers()) {
      listed.add(worker.key());
      if (worker.reason() != null && !worker.reason().equals("full")) {
        barred.add(worker.key());
      }
    }
    Lease<Target> lease =
        picker.pick(
            pool,
            target ->
                !barred.contains(target.key())
                    && (choice.omitted() > 0 || listed.contains(target.key())),
            policy,
            new Demand(choice.promptTokens(), request.outputTokens));
    if (lease == null) {
      return false;
    }
    request.lease = lease;
    chosen[request.id] = lease.worker().key();
    LabWorker engine = lease.worker().engine();
    if (engine.accept(request, now)) {
      schedule(engine);
    }
    return true;
  }

  /** The worker that the policy chose for the n-th request. */
  String chosen(int n) {
    String key = chosen[n];
    return key == null ? "" : key;
  }

  /** Predicted times to the first token [s], sorted. */
  double[] ttft() {
    return requests.stream().mapToDouble(LabRequest::ttft).sorted().toArray();
  }

  private long nanos() {
    return (long) (now * 1e9);
  }

  private void schedule(LabWorker engine) {
    events.add(new Event(engine.planEnd(), order++, engine.index, engine.planVersion));
  }

  @Override
  public void firstToken(LabRequest request, double time) {
    request.firstToken = time;
    tokens(request, 1, time);
  }

  @Override
  public void tokens(LabRequest request, int count, double time) {
    Lease<?> lease = request.lease;
    if (lease != null) {
      lease.tokens(count, nanos());
    }
  }

  @Override
  public void finished(LabRequest request, double time) {
    request.finished = time;
    Lease<?> lease = request.lease;
    if (lease != null) {
      lease.close(Ending.SUCCEEDED);
    }
  }
}
