package dev.headrace.loadtest.lab;

import dev.headrace.router.balance.Ending;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.balance.ModelMeans;
import dev.headrace.router.balance.Picker;
import dev.headrace.router.balance.Policy;
import dev.headrace.router.balance.RequestBook;
import dev.headrace.router.balance.WorkerLedger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * One run in virtual time: arrivals go through the router's own balance classes to simulated
 * engines. The clock and the random source are the simulation's, so the same seed gives the same
 * run. One thread.
 */
final class Simulation implements LabWorker.Listener {
  private static final String MODEL = "model";

  private record Event(double time, int worker, int version) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return Double.compare(time, other.time);
    }
  }

  /** One router: its own ledgers, its own picker, its own instance of the policy. */
  private final class Router {
    final List<LabCandidate> candidates = new ArrayList<>();
    final Picker picker;
    final RequestBook book = new RequestBook();
    final Policy policy;

    Router(Policy policy, SplittableRandom random) {
      this.policy = policy;
      this.picker = new Picker(random, Simulation.this::nanos);
      ModelMeans means = new ModelMeans();
      for (LabWorker worker : workers) {
        WorkerLedger ledger =
            new WorkerLedger("w" + worker.index, Integer.MAX_VALUE, means, Simulation.this::nanos);
        candidates.add(new LabCandidate(ledger, ledger.rates(MODEL), worker));
      }
    }
  }

  private final List<LabWorker> workers = new ArrayList<>();
  private final List<Router> routers = new ArrayList<>();
  private final List<LabRequest> requests;
  private final Scenario scenario;
  private final ArrayDeque<int[]> reports = new ArrayDeque<>();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private double now;
  private double nextReport;
  private long attempts;
  private long failedAttempts;

  Simulation(Scenario scenario, List<LabRequest> requests, Supplier<Policy> policy, long seed) {
    this.scenario = scenario;
    this.requests = requests;
    List<EngineModel> engines = scenario.engines();
    for (int i = 0; i < engines.size(); i++) {
      workers.add(new LabWorker(i, engines.get(i), this));
    }
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < scenario.routers(); i++) {
      routers.add(new Router(policy.get(), random.split()));
    }
  }

  private long nanos() {
    return (long) (now * 1e9);
  }

  /** Runs until the last request has ended, and returns the engines for their counters. */
  List<LabWorker> run() {
    int next = 0;
    while (next < requests.size() || !events.isEmpty()) {
      Event event = events.peek();
      if (next < requests.size() && (event == null || requests.get(next).arrival <= event.time)) {
        LabRequest request = requests.get(next++);
        now = request.arrival;
        readGauges();
        arrive(request, routers.get(request.id % routers.size()));
      } else {
        events.remove();
        LabWorker worker = workers.get(event.worker);
        if (event.version == worker.planVersion) {
          now = event.time;
          if (worker.complete(now)) {
            schedule(worker);
          }
        }
      }
    }
    return workers;
  }

  /** Once a second every router reads what the engines reported {@code gaugeDelay} ago. */
  private void readGauges() {
    while (nextReport <= now) {
      int[] totals = new int[workers.size()];
      for (int i = 0; i < totals.length; i++) {
        totals[i] = workers.get(i).running() + workers.get(i).waitingCount();
      }
      reports.add(totals);
      if (reports.size() > scenario.gaugeDelay()) {
        int[] seen = reports.remove();
        for (Router router : routers) {
          for (LabCandidate candidate : router.candidates) {
            candidate.ledger().reported(seen[candidate.truth().index]);
            candidate.ledger().rest(nanos());
          }
        }
      }
      nextReport += 1;
    }
  }

  private void arrive(LabRequest request, Router router) {
    int tried = -1;
    while (true) {
      int excluded = tried;
      Lease<LabCandidate> lease =
          router.picker.pick(
              router.candidates,
              candidate -> candidate.truth().index != excluded,
              router.policy,
              router.book.expect(MODEL, request.promptBytes, -1));
      if (lease == null) {
        throw new IllegalStateException("no worker has room");
      }
      attempts++;
      request.attempts++;
      LabWorker worker = lease.worker().truth();
      if (worker.index == scenario.failing()) {
        failedAttempts++;
        lease.close(Ending.FAILED);
        tried = worker.index;
        continue;
      }
      request.lease = lease;
      if (worker.accept(request, now)) {
        schedule(worker);
      }
      return;
    }
  }

  /** Share of all attempts that went to the failing worker. */
  double failingShare() {
    return (double) failedAttempts / Math.max(1, attempts);
  }

  private void schedule(LabWorker worker) {
    events.add(new Event(worker.planEnd(), worker.index, worker.planVersion));
  }

  private static Lease<?> lease(LabRequest request) {
    Lease<?> lease = request.lease;
    if (lease == null) {
      throw new IllegalStateException("request " + request.id + " has no lease");
    }
    return lease;
  }

  @Override
  public void firstToken(LabRequest request, double time) {
    request.firstToken = time;
    lease(request).tokens(1, nanos());
  }

  @Override
  public void tokens(LabRequest request, int count, double time) {
    lease(request).tokens(count, nanos());
  }

  @Override
  public void finished(LabRequest request, double time) {
    request.finished = time;
    lease(request).close(Ending.SUCCEEDED);
    routers
        .get(request.id % routers.size())
        .book
        .learn(MODEL, request.promptBytes, request.promptTokens, request.outputTokens);
  }
}
