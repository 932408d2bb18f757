package dev.headrace.router.fleet.consul;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.fleet.ModelSettingsPatch;
import dev.headrace.router.fleet.ModelSettingsSink;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What operators set for models at run time in Consul's key-value store: one JSON entry for each
 * model, below the configured prefix. The rest of the key is the model's name, slashes included.
 *
 * <p>A bad entry is named in the log and changes nothing: the model keeps what its last good entry
 * said. A deleted entry gives the model its configured settings back. When Consul is away all
 * stands as it is.
 *
 * <p>Confined to the context that called {@link #start}.
 */
public final class ConsulModelSettings {
  private static final Logger LOG = Logger.getLogger(ConsulModelSettings.class.getName());
  private static final String WATCH = "model settings";

  private final Vertx vertx;
  private final ConsulAddress address;
  private final ModelSettingsSink sink;
  private final LongSupplier nanos;
  private final RandomGenerator random;
  private final Contact contact;
  private final String prefix;
  private final Promise<Void> started = Promise.promise();
  private final Map<String, String> texts = new HashMap<>();
  private Map<String, ModelSettingsPatch> patches = Map.of();
  private boolean answered;
  private @Nullable Context context;
  private @Nullable KeyValues store;
  private @Nullable BlockingQuery<Map<String, String>> query;

  public ConsulModelSettings(Vertx vertx, HeadraceConfig.Consul config, ModelSettingsSink sink) {
    this(vertx, config, sink, System::nanoTime, RandomGenerator.getDefault());
  }

  ConsulModelSettings(
      Vertx vertx,
      HeadraceConfig.Consul config,
      ModelSettingsSink sink,
      LongSupplier nanos,
      RandomGenerator random) {
    this.vertx = vertx;
    this.address = new ConsulAddress(config);
    this.sink = sink;
    this.nanos = nanos;
    this.random = random;
    this.contact = new Contact(address.toString(), "the last known settings stay", nanos);
    this.prefix = config.kvPrefix() + "/models/";
  }

  /**
   * Starts to watch.
   *
   * @return succeeds when the entries were read, or when Consul cannot be reached for now; asking
   *     goes on
   */
  public Future<Void> start() {
    Context own = vertx.getOrCreateContext();
    context = own;
    own.runOnContext(v -> begin(own));
    return started.future();
  }

  public Future<Void> stop() {
    Context own = context;
    if (own == null) {
      return Future.succeededFuture();
    }
    Promise<Void> stopped = Promise.promise();
    own.runOnContext(
        v -> {
          end();
          stopped.complete();
        });
    return stopped.future();
  }

  private void begin(Context own) {
    KeyValues values = new KeyValues(vertx, address);
    store = values;
    WatchScope scope = new WatchScope(address, own, contact, nanos, random, 0);
    query =
        scope.query(
            options -> values.below(prefix, options),
            new BlockingQuery.Listener<>() {
              @Override
              public boolean answered(Map<String, String> entries, boolean restarted) {
                return read(entries);
              }

              @Override
              public void failed(Throwable cause) {
                contact.failed(WATCH, cause);
                started.tryComplete();
              }
            });
    query.start();
  }

  private void end() {
    if (query != null) {
      query.stop();
    }
    if (store != null) {
      store.close();
    }
    started.tryComplete();
  }

  private boolean read(Map<String, String> entries) {
    contact.answered(WATCH);
    Map<String, ModelSettingsPatch> now = new HashMap<>();
    entries.forEach(
        (model, text) -> {
          if (!model.isEmpty() && !model.endsWith("/")) {
            ModelSettingsPatch patch = patch(model, text);
            if (patch != null) {
              now.put(model, patch);
            }
          }
        });
    texts.keySet().retainAll(entries.keySet());
    boolean changed = !answered || !now.equals(patches);
    answered = true;
    if (changed) {
      patches = Map.copyOf(now);
      sink.operatorSettings(patches);
    }
    started.tryComplete();
    return changed;
  }

  private @Nullable ModelSettingsPatch patch(String model, String text) {
    ModelSettingsPatch known = patches.get(model);
    if (text.equals(texts.put(model, text))) {
      return known;
    }
    try {
      return PatchReader.read(text);
    } catch (PatchReader.Unreadable e) {
      LOG.log(
          Level.WARNING,
          "{0}, key {1}: {2}; {3}",
          new Object[] {
            address,
            prefix + model,
            e.getMessage(),
            known == null ? "the entry is not used" : "the model keeps what it said before"
          });
      return known;
    }
  }
}
