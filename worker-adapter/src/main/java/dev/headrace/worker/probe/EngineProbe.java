package dev.headrace.worker.probe;

import dev.headrace.worker.Engine;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.LoadReader;
import dev.headrace.worker.load.WorkerLoad;
import dev.headrace.worker.probe.ProbeException.Fault;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.PoolOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Asks workers over HTTP what they are, how they are and how busy they are. What the answers mean
 * is the {@link Engine}'s part.
 *
 * <p>May be called on any thread; futures complete on the caller's context when it has one.
 * Redirects are not followed, bodies are bounded, and each question has {@code timeout} for all of
 * it, so that {@code describe} takes a few timeouts at worst.
 */
public final class EngineProbe {

  /** Below the 5 s after which most engines close an idle connection. */
  private static final int KEEP_ALIVE_SECONDS = 3;

  private static final int REMEMBERED_READERS = 4096;

  private record ReaderKey(WorkerAddress address, String engine) {}

  private final Vertx vertx;
  private final Duration timeout;
  private final HttpClient client;

  /** Which load reader answered last, so that the others are not asked each time. */
  private final Map<ReaderKey, LoadReader> readers = new ConcurrentHashMap<>();

  public EngineProbe(Vertx vertx, Duration timeout) {
    this.vertx = vertx;
    this.timeout = timeout;
    this.client =
        vertx
            .httpClientBuilder()
            .with(
                new HttpClientOptions()
                    .setConnectTimeout((int) timeout.toMillis())
                    .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                    .setMaxHeaderSize(16 * 1024))
            .with(new PoolOptions().setHttp1MaxSize(4))
            // A connection that breaks is told to the question on it; an idle one is nobody's news.
            .withConnectHandler(connection -> connection.exceptionHandler(cause -> {}))
            .build();
  }

  /**
   * Asks the worker for its models, version and limits, and for its engine when {@code known} is
   * null.
   *
   * @return fails with {@link ProbeException} when there is no engine or no model list to be read
   */
  public Future<WorkerProfile> describe(
      WorkerAddress address, @Nullable Engine known, @Nullable String apiKey) {
    return new Description(path -> get(address, path, apiKey), apiKey != null).of(known);
  }

  /**
   * Asks whether the worker takes requests. A worker that does not answer is down.
   *
   * @return fails with a {@link ProbeException} of {@link Fault#LOCAL} when it was not asked, and
   *     with no other
   */
  public Future<WorkerHealth> health(
      WorkerAddress address, Engine engine, @Nullable String apiKey) {
    return get(address, engine.healthPath(), apiKey)
        .map(answer -> engine.health(answer.status(), answer.body()))
        .recover(failure -> healthWithoutAnswer(address, engine, apiKey, failure));
  }

  private Future<WorkerHealth> healthWithoutAnswer(
      WorkerAddress address, Engine engine, @Nullable String apiKey, Throwable failure) {
    ProbeException cause = ConnectionFailure.of(failure, timeout);
    if (cause.fault() == Fault.LOCAL) {
      return Future.failedFuture(cause);
    }
    WorkerHealth down = WorkerHealth.down(cause.reason());
    String liveness = engine.livenessPath();
    if (cause.fault() != Fault.TIMED_OUT || liveness == null) {
      return Future.succeededFuture(down);
    }
    return get(address, liveness, apiKey)
        .map(answer -> answer.status() == 200 ? WorkerHealth.READY : down)
        .recover(
            second ->
                LocalFault.is(second) ? Future.failedFuture(second) : Future.succeededFuture(down));
  }

  /** Asks how busy the worker is. Never fails: what cannot be read is unknown. */
  public Future<WorkerLoad> load(WorkerAddress address, Engine engine, @Nullable String apiKey) {
    ReaderKey key = new ReaderKey(address, engine.id());
    List<LoadReader> order = new ArrayList<>(engine.loadReaders());
    LoadReader last = readers.get(key);
    if (last != null && order.remove(last)) {
      order.add(0, last);
    }
    return load(key, order, apiKey);
  }

  private Future<WorkerLoad> load(ReaderKey key, List<LoadReader> order, @Nullable String apiKey) {
    if (order.isEmpty()) {
      readers.remove(key);
      return Future.succeededFuture(WorkerLoad.unknown(System.nanoTime()));
    }
    LoadReader reader = order.get(0);
    return get(key.address(), reader.path(), apiKey)
        .map(
            answer ->
                answer.status() == 200
                    ? reader.read(answer.body(), System.nanoTime())
                    : WorkerLoad.unknown(System.nanoTime()))
        .compose(
            load -> {
              if (!load.known()) {
                return load(key, order.subList(1, order.size()), apiKey);
              }
              remember(key, reader);
              return Future.succeededFuture(load);
            },
            // A worker that does not answer one question will not answer the next.
            failure -> Future.succeededFuture(WorkerLoad.unknown(System.nanoTime())));
  }

  private void remember(ReaderKey key, LoadReader reader) {
    if (readers.size() >= REMEMBERED_READERS) {
      readers.clear();
    }
    readers.put(key, reader);
  }

  /** Closes the connections; what is still being asked fails. */
  public Future<Void> close() {
    return client.close();
  }

  private Future<Question.Answer> get(WorkerAddress address, String path, @Nullable String apiKey) {
    if (apiKey != null && !apiKey.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      return Future.failedFuture(
          new ProbeException(
              Fault.CREDENTIAL, "its API key holds characters that no header may have"));
    }
    return once(address, path, apiKey)
        .recover(
            failure ->
                // The worker gave up a kept connection just as it was used: a new one tells.
                failure instanceof HttpClosedException
                    ? once(address, path, apiKey)
                    : Future.failedFuture(failure))
        .recover(failure -> Future.failedFuture(ConnectionFailure.of(failure, timeout)));
  }

  private Future<Question.Answer> once(
      WorkerAddress address, String path, @Nullable String apiKey) {
    Context context = vertx.getOrCreateContext();
    Promise<Question.Answer> promise = Promise.promise();
    context.runOnContext(
        start -> Question.ask(vertx, client, timeout, address, path, apiKey).onComplete(promise));
    return promise.future();
  }
}
