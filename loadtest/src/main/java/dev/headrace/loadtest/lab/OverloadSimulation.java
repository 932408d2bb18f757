package dev.headrace.loadtest.lab;

import dev.headrace.router.admission.Order;
import dev.headrace.router.admission.Refusal;
import dev.headrace.router.admission.Ticket;
import dev.headrace.router.admission.WaitingLine;
import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.Ending;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.balance.LeastLoadPolicy;
import dev.headrace.router.balance.ModelMeans;
import dev.headrace.router.balance.Picker;
import dev.headrace.router.balance.Policy;
import dev.headrace.router.balance.RequestBook;
import dev.headrace.router.balance.ServiceRates;
import dev.headrace.router.balance.WorkerLedger;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * One router under overload in virtual time: its own waiting line and its own balance classes
 * before simulated engines, wired as the router wires them. Who finds room, and nobody before it,
 * goes at once; all others enter the line; each ending offers its place to the line; four times a
 * second those whose time is over are refused. One thread; the same seed gives the same run.
 */
final class OverloadSimulation implements LabWorker.Listener {
  private static final String MODEL = "model";
  private static final double TICK = 0.25;
  private static final double[] IMPATIENCE = {0.5, 1};

  private enum What {
    ASK,
    STEP,
    TICK
  }

  private record Event(double time, long order, What what, int index, int version)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Double.compare(time, other.time);
      return byTime == 0 ? Long.compare(order, other.order) : byTime;
    }
  }

  /**
   * What a refused client was told, and what came of it.
   *
   * @param placeAwaited number of the place by which all that waited then, and one more, had one
   */
  record Told(double at, int placeAwaited, double seconds) {}

  private final Overload setting;
  private final List<OverloadCall> calls;
  private final List<LabWorker> workers = new ArrayList<>();
  private final List<LabCandidate> candidates = new ArrayList<>();
  private final RequestBook book = new RequestBook();
  private final Policy policy = new LeastLoadPolicy();
  private final Picker picker;
  private final WaitingLine<OverloadCall> line;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final List<Double> places = new ArrayList<>();
  private final List<Told> told = new ArrayList<>();
  private double now;
  private long order;
  private int unsettled;

  OverloadSimulation(Overload setting, List<OverloadCall> calls, long seed) {
    this.setting = setting;
    this.calls = calls;
    this.unsettled = calls.size();
    this.picker = new Picker(new SplittableRandom(seed), this::nanos);
    this.line =
        new WaitingLine<>(
            new WaitingLine.Bounds(
                setting.maxQueue(), (long) (setting.maxWait() * 1e9), Order.FCFS));
    ModelMeans means = new ModelMeans();
    for (int i = 0; i < setting.workers(); i++) {
      LabWorker worker = new LabWorker(i, setting.engine(), this);
      WorkerLedger ledger = new WorkerLedger("w" + i, setting.cap(), means, this::nanos);
      workers.add(worker);
      candidates.add(new LabCandidate(ledger, ledger.rates(MODEL), worker));
    }
  }

  /** Runs until every client has its answer or has given up. */
  void run() {
    for (OverloadCall call : calls) {
      at(call.request.arrival, What.ASK, call.request.id, 0);
    }
    at(TICK, What.TICK, 0, 0);
    while (unsettled > 0) {
      Event event = events.remove();
      if (event.what == What.STEP && event.version != workers.get(event.index).planVersion) {
        continue;
      }
      now = event.time;
      switch (event.what) {
        case ASK -> ask(calls.get(event.index));
        case STEP -> step(workers.get(event.index));
        case TICK -> {
          line.expire(nanos(), this::refused);
          offer();
          at(now + TICK, What.TICK, 0, 0);
        }
      }
    }
  }

  /** Moments at which places were given, in order. */
  List<Double> places() {
    return places;
  }

  /** All that refused clients were told. */
  List<Told> told() {
    return told;
  }

  private void ask(OverloadCall call) {
    call.tries++;
    call.asked = now;
    if (line.size() == 0 && place(call)) {
      return;
    }
    Demand demand = demand(call);
    double service = Double.POSITIVE_INFINITY;
    double work = Double.POSITIVE_INFINITY;
    for (LabCandidate candidate : candidates) {
      ServiceRates rates = candidate.rates();
      double prefill = rates.prefillIntercept() + rates.prefillSlope() * demand.promptTokens();
      double decode = demand.outputTokens() * rates.gapAt(candidate.ledger().inFlight());
      service = Math.min(service, prefill);
      work = Math.min(work, prefill + decode);
    }
    Ticket<OverloadCall> ticket =
        new Ticket<>(
            call,
            new Ticket.Terms(
                call.priority,
                Overload.tenant(call.tenant),
                work,
                demand.promptTokens() + demand.outputTokens(),
                nanos(),
                (long) ((now + setting.firstToken()) * 1e9),
                (long) (service * 1e9)));
    line.enter(ticket, nanos(), this::refused);
    offer();
  }

  private void step(LabWorker worker) {
    if (worker.complete(now)) {
      schedule(worker);
    }
    offer();
  }

  private void offer() {
    while (line.size() > 0) {
      Ticket<OverloadCall> next = line.next(nanos(), any -> true);
      if (next == null || !place(next.holder())) {
        return;
      }
      line.served(next, nanos());
    }
  }

  private boolean place(OverloadCall call) {
    Lease<LabCandidate> lease = picker.pick(candidates, any -> true, policy, demand(call));
    if (lease == null) {
      return false;
    }
    call.placed = now;
    call.request.lease = lease;
    places.add(now);
    LabWorker worker = lease.worker().truth();
    if (worker.accept(call.request, now)) {
      schedule(worker);
    }
    return true;
  }

  private void refused(Ticket<OverloadCall> ticket, Refusal why) {
    OverloadCall call = ticket.holder();
    call.lastRefusal = why;
    double seconds = line.retryAfterMillis(nanos()) / 1e3;
    told.add(new Told(now, places.size() + line.size(), seconds));
    if (setting.clients() == Overload.Clients.NEVER || call.tries > Overload.RETRIES) {
      unsettled--;
    } else {
      double pause =
          setting.clients() == Overload.Clients.OBEY ? seconds : IMPATIENCE[call.tries - 1];
      at(now + pause, What.ASK, call.request.id, 0);
    }
  }

  private Demand demand(OverloadCall call) {
    return book.expect(MODEL, call.request.promptBytes, -1);
  }

  private long nanos() {
    return (long) (now * 1e9);
  }

  private void schedule(LabWorker worker) {
    at(worker.planEnd(), What.STEP, worker.index, worker.planVersion);
  }

  private void at(double time, What what, int index, int version) {
    events.add(new Event(time, order++, what, index, version));
  }

  private void count(LabRequest request, int tokens, double time) {
    if (time >= setting.countedFrom() && time < setting.seconds()) {
      calls.get(request.id).countedTokens += tokens;
    }
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
    count(request, 1, time);
  }

  @Override
  public void tokens(LabRequest request, int count, double time) {
    lease(request).tokens(count, nanos());
    count(request, count, time);
  }

  @Override
  public void finished(LabRequest request, double time) {
    request.finished = time;
    lease(request).close(Ending.SUCCEEDED);
    book.learn(MODEL, request.promptBytes, request.promptTokens, request.outputTokens);
    unsettled--;
  }
}
