package dev.headrace.app.run;

import dev.headrace.app.CommandFailure;
import dev.headrace.app.ExitCode;
import dev.headrace.router.HeadraceRouter;
import dev.headrace.router.RouterRuntime;
import dev.headrace.router.config.Addresses;
import dev.headrace.router.config.ConfigResult;
import dev.headrace.router.config.HeadraceConfig;
import io.vertx.core.Vertx;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A router with the Vert.x that it runs on. Closing it drains, and waits for that. Used from one
 * thread, which must not be an event loop.
 */
public final class RunningRouter implements AutoCloseable {
  private final RouterRuntime runtime;
  private final HeadraceRouter router;
  private final HeadraceConfig config;
  private final Duration toReady;
  private boolean drained;

  private RunningRouter(RouterRuntime runtime, HeadraceRouter router, HeadraceConfig config) {
    this.runtime = runtime;
    this.router = router;
    this.config = config;
    // The JVM's start, not the process's: the launcher may have built before it became this JVM.
    this.toReady =
        Duration.between(
            Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime()),
            Instant.now());
  }

  /**
   * Starts it and waits until it takes requests.
   *
   * @param reload reads the configuration anew when its file has changed; null: nobody watches it
   * @throws CommandFailure when it cannot start, with what to do
   */
  public static RunningRouter start(ConfigResult.Ok read, @Nullable Supplier<ConfigResult> reload) {
    HeadraceConfig config = read.config();
    RouterRuntime runtime = RouterRuntime.create(config.threads());
    try {
      HeadraceRouter router = MainThread.await(HeadraceRouter.start(runtime, read, reload));
      return new RunningRouter(runtime, router, config);
    } catch (MainThread.FutureFailed e) {
      MainThread.await(runtime.vertx().close());
      throw explain(e, config);
    }
  }

  public Vertx vertx() {
    return runtime.vertx();
  }

  /** Stops it: no new request, live streams finish within the grace. Done once. */
  public void drain() {
    if (!drained) {
      drained = true;
      MainThread.await(router.stop());
    }
  }

  /** {@code http://host:port} of the API. */
  public String dataUrl() {
    return url(config.listen(), router.dataPort());
  }

  /** {@code http://host:port} of the admin side. */
  public String adminUrl() {
    return url(config.admin().listen(), router.adminPort());
  }

  /** Why it takes no requests yet, or null when it does. */
  public @Nullable String notReady() {
    return router.notReady();
  }

  /** From the start of the process to the first moment at which it listened. */
  public String secondsToReady() {
    return String.format(Locale.ROOT, "%.2f", toReady.toMillis() / 1000.0);
  }

  @Override
  public void close() {
    drain();
    MainThread.await(runtime.vertx().close());
  }

  private static String url(InetSocketAddress configured, int port) {
    return "http://"
        + Addresses.show(InetSocketAddress.createUnresolved(configured.getHostString(), port));
  }

  private static CommandFailure explain(MainThread.FutureFailed failed, HeadraceConfig config) {
    @Nullable String data = unavailable(config.listen());
    if (data != null) {
      return new CommandFailure(ExitCode.ADDRESS, data + ": choose another with --port or listen");
    }
    @Nullable String admin = unavailable(config.admin().listen());
    if (admin != null) {
      return new CommandFailure(
          ExitCode.ADDRESS, admin + ": choose another with --admin-port or admin.listen");
    }
    return new CommandFailure(ExitCode.FAILED, "the router cannot start: " + failed.reason());
  }

  private static @Nullable String unavailable(InetSocketAddress address) {
    return address.getPort() == 0 ? null : Ports.unavailable(address);
  }
}
