package dev.headrace.router.fleet;

import dev.headrace.worker.Engine;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.WorkerLoad;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Workers whose answers the test decides, by URL. What was not scripted does not answer. */
public final class ScriptedInquiry implements WorkerInquiry {
  private final Map<String, WorkerProfile> profiles = new ConcurrentHashMap<>();
  private final Map<String, WorkerHealth> healths = new ConcurrentHashMap<>();
  private final Map<String, WorkerLoad> loads = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> checked = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Runnable> held = new ConcurrentLinkedQueue<>();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger mostUnderWay = new AtomicInteger();
  private final Map<String, RuntimeException> thrown = new ConcurrentHashMap<>();
  private final Map<String, Throwable> failures = new ConcurrentHashMap<>();
  private volatile boolean holding;

  /** Health answers wait until {@link #letGo}. */
  public void hold() {
    holding = true;
  }

  public void letGo() {
    holding = false;
    for (Runnable next = held.poll(); next != null; next = held.poll()) {
      next.run();
    }
  }

  public int mostUnderWay() {
    return mostUnderWay.get();
  }

  public ScriptedInquiry tells(String url, String engine, Integer limit, String... models) {
    profiles.put(
        url,
        new WorkerProfile(engine, "1", Stream.of(models).map(ServedModel::of).toList(), limit));
    healths.putIfAbsent(url, WorkerHealth.READY);
    return this;
  }

  public ScriptedInquiry silent(String url) {
    profiles.remove(url);
    return this;
  }

  public ScriptedInquiry health(String url, WorkerHealth health) {
    healths.put(url, health);
    return this;
  }

  /** Asking for its health throws. */
  public ScriptedInquiry throwing(String url, RuntimeException failure) {
    thrown.put(url, failure);
    return this;
  }

  /** Nobody can be asked for its health, for this reason; null: asked as before. */
  public ScriptedInquiry failing(String url, Throwable failure) {
    if (failure == null) {
      failures.remove(url);
    } else {
      failures.put(url, failure);
    }
    return this;
  }

  public ScriptedInquiry load(String url, WorkerLoad load) {
    loads.put(url, load);
    return this;
  }

  public int asked(String url) {
    return asked.computeIfAbsent(url, u -> new AtomicInteger()).get();
  }

  public int checked(String url) {
    return checked.computeIfAbsent(url, u -> new AtomicInteger()).get();
  }

  @Override
  public Future<WorkerProfile> describe(WorkerAddress address, Engine known, String apiKey) {
    asked.computeIfAbsent(address.url(), u -> new AtomicInteger()).incrementAndGet();
    WorkerProfile profile = profiles.get(address.url());
    return profile == null
        ? Future.failedFuture("connection refused by " + address.url())
        : Future.succeededFuture(profile);
  }

  @Override
  public Future<WorkerHealth> health(WorkerAddress address, Engine engine, String apiKey) {
    checked.computeIfAbsent(address.url(), u -> new AtomicInteger()).incrementAndGet();
    RuntimeException failure = thrown.get(address.url());
    if (failure != null) {
      throw failure;
    }
    mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
    Promise<WorkerHealth> answer = Promise.promise();
    Runnable give =
        () -> {
          underWay.decrementAndGet();
          Throwable local = failures.get(address.url());
          if (local != null) {
            answer.fail(local);
            return;
          }
          answer.complete(
              healths.getOrDefault(address.url(), WorkerHealth.down("connection refused")));
        };
    if (holding) {
      held.add(give);
    } else {
      give.run();
    }
    return answer.future();
  }

  @Override
  public Future<WorkerLoad> load(WorkerAddress address, Engine engine, String apiKey) {
    WorkerLoad load = loads.get(address.url());
    return Future.succeededFuture(
        load == null ? WorkerLoad.of(System.nanoTime(), -1, -1, Double.NaN) : load);
  }
}
