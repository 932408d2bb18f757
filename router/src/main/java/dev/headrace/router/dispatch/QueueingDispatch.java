package dev.headrace.router.dispatch;

import dev.headrace.router.admission.QueueState;
import dev.headrace.router.admission.Ticket;
import dev.headrace.router.admission.WaitingLine;
import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.ServiceRates;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.FleetView;
import dev.headrace.router.fleet.ModelSettings;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.observe.QueueMeters;
import dev.headrace.router.sse.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A dispatch that lets requests wait while all workers of their model are full. Who finds room, and
 * nobody before it, is answered at once by the dispatch inside.
 *
 * <p>Whoever closes a lease while somebody waits looks for who is next, on its own loop; the answer
 * is told on the loop of the request that waited. Any thread, but {@link #ask} and the cancelling
 * of its wait only on an event loop, and on the same one.
 */
public final class QueueingDispatch implements Dispatch {
  private final Dispatch immediate;
  private final Function<Wanted, Demand> expects;
  private final FleetView fleet;
  private final HeadraceConfig.Admission admission;
  private final QueueMeters meters;
  private final LongSupplier clock;
  private final Map<String, ModelQueue> queues = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  /**
   * @param immediate answers inside the call
   * @param expects what a request is expected to cost
   * @param admission for models without settings of their own
   * @param clock monotonic nanoseconds
   */
  public QueueingDispatch(
      Dispatch immediate,
      Function<Wanted, Demand> expects,
      FleetView fleet,
      HeadraceConfig.Admission admission,
      QueueMeters meters,
      LongSupplier clock) {
    this.immediate = immediate;
    this.expects = expects;
    this.fleet = fleet;
    this.admission = admission;
    this.meters = meters;
    this.clock = clock;
  }

  @Override
  public Waiting ask(Wanted wanted, Executor home, Consumer<Placement> answer) {
    ModelQueue queue = queues.get(wanted.pool().model());
    if (queue == null || queue.size() == 0) {
      Placement found = place(wanted);
      if (!(found instanceof NoPlace none && none.code() == ErrorCode.NO_CAPACITY)) {
        answer.accept(found);
        return Waiting.OVER;
      }
    }
    if (wanted.pool().workers().stream().noneMatch(wanted::fits)) {
      answer.accept(place(wanted));
      return Waiting.OVER;
    }
    return await(wanted, home, answer);
  }

  private Waiting await(Wanted wanted, Executor home, Consumer<Placement> answer) {
    String model = wanted.pool().model();
    QueuedRequest request = new QueuedRequest(wanted, answer, home, this::leave);
    Ticket.Terms terms = terms(wanted);
    while (!queues.computeIfAbsent(model, this::open).enter(request, terms)) {
      Thread.onSpinWait();
    }
    if (stopped) {
      stop();
    }
    return request;
  }

  private ModelQueue open(String model) {
    ModelQueue made =
        new ModelQueue(
            model,
            () -> bounds(model),
            () -> fleet.current().pools().get(model),
            this::place,
            meters,
            clock);
    meters.watch(model, made::state);
    return made;
  }

  /** What the model's settings say now. */
  private WaitingLine.Bounds bounds(String model) {
    ModelSettings settings = fleet.current().settings().get(model);
    HeadraceConfig.Admission now = settings == null ? admission : settings.admission();
    return new WaitingLine.Bounds(now.maxQueue(), now.maxWait().toNanos(), now.order());
  }

  private Ticket.Terms terms(Wanted wanted) {
    Demand demand = expects.apply(wanted);
    double service = Double.POSITIVE_INFINITY;
    double work = Double.POSITIVE_INFINITY;
    for (Worker worker : wanted.pool().workers()) {
      if (wanted.fits(worker)) {
        ServiceRates rates = worker.rates();
        double prefill = rates.prefillIntercept() + rates.prefillSlope() * demand.promptTokens();
        double decode = demand.outputTokens() * rates.gapAt(worker.ledger().inFlight());
        service = Math.min(service, prefill);
        work = Math.min(work, prefill + decode);
      }
    }
    return new Ticket.Terms(
        wanted.priority(),
        wanted.tenant() == null ? "" : wanted.tenant(),
        Double.isInfinite(work) ? 0 : work,
        demand.promptTokens() + demand.outputTokens(),
        clock.getAsLong(),
        wanted.deadlineNanos(),
        Double.isInfinite(service) ? 0 : (long) (Math.max(0, service) * 1e9));
  }

  /** Asks the dispatch inside, and listens to the end of what it gave. */
  private Placement place(Wanted wanted) {
    List<Placement> found = new ArrayList<>(1);
    immediate.ask(wanted, Runnable::run, found::add);
    Placement placement = found.get(0);
    if (placement instanceof Placed placed) {
      placed.lease().whenClosed(this::freed);
    }
    return placement;
  }

  /** A worker may serve several models: all that wait are looked at. */
  private void freed() {
    for (ModelQueue queue : queues.values()) {
      if (queue.size() > 0) {
        queue.freed();
      }
    }
  }

  private void leave(QueuedRequest request) {
    ModelQueue queue = queues.get(request.wanted().pool().model());
    if (queue != null) {
      queue.leave(request);
    }
  }

  @Override
  public @Nullable Explainer explainer() {
    return immediate.explainer();
  }

  @Override
  public void learn(Wanted wanted, TokenUsage usage) {
    immediate.learn(wanted, usage);
  }

  @Override
  public void tick() {
    immediate.tick();
    queues.forEach(
        (model, queue) -> {
          if (queue.size() > 0) {
            queue.tick();
          } else if (!fleet.current().pools().containsKey(model) && queue.retire()) {
            // In this order: only when it is out of the map can a new line of the name appear.
            meters.forget(model);
            queues.remove(model, queue);
          }
        });
  }

  @Override
  public void stop() {
    stopped = true;
    queues.values().forEach(ModelQueue::refuseAll);
    immediate.stop();
  }

  @Override
  public List<QueueState> queues() {
    List<QueueState> states = new ArrayList<>();
    new TreeMap<>(queues).values().forEach(queue -> states.add(queue.state()));
    return states;
  }
}
