package dev.headrace.router;

import dev.headrace.router.config.HeadraceConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.transport.Transport;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What a router runs on: Vert.x with its transport, and the registry of all meters. Vert.x's own
 * HTTP and pool meters stay off, since they cost several look-ups per request and time streams to
 * their end; the router has its own.
 */
public record RouterRuntime(Vertx vertx, PrometheusMeterRegistry registry) {
  private static final Logger LOG = Logger.getLogger(RouterRuntime.class.getName());
  private static final String IO_URING_SHOTS = "io.netty.iouring.pollAddMultishotEnabled";

  /** Makes it; close the Vert.x when done. */
  public static RouterRuntime create(HeadraceConfig.Threads threads) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    MicrometerMetricsOptions metrics =
        new MicrometerMetricsOptions()
            .setEnabled(true)
            .addDisabledMetricsCategory(MetricsDomain.HTTP_SERVER)
            .addDisabledMetricsCategory(MetricsDomain.HTTP_CLIENT)
            .addDisabledMetricsCategory(MetricsDomain.NET_SERVER)
            .addDisabledMetricsCategory(MetricsDomain.NET_CLIENT)
            .addDisabledMetricsCategory(MetricsDomain.NAMED_POOLS)
            .addDisabledMetricsCategory(MetricsDomain.EVENT_BUS);
    int loops =
        threads.eventLoops() > 0
            ? threads.eventLoops()
            : Runtime.getRuntime().availableProcessors();
    // One loop more than those that serve: the fleet's questions and the admin port have their own.
    VertxOptions options =
        new VertxOptions()
            .setEventLoopPoolSize(loops + 1)
            .setMetricsOptions(metrics)
            .setPreferNativeTransport(!threads.transport().equals("nio"));
    var builder = Vertx.builder().with(options).withMetrics(new MicrometerMetricsFactory(registry));
    Transport wanted = transport(threads.transport());
    Vertx vertx = (wanted == null ? builder : builder.withTransport(wanted)).build();
    if (!threads.transport().equals("nio") && !vertx.isNativeTransportEnabled()) {
      Throwable cause = vertx.unavailableNativeTransportCause();
      LOG.warning(
          "No native transport here, NIO is used"
              + (cause == null ? "" : ": " + cause.getMessage()));
    }
    return new RouterRuntime(vertx, registry);
  }

  /** The transport of that name in the configuration; null for the one that Vert.x prefers. */
  public static @Nullable Transport transport(String name) {
    // Netty 4.2.15 on io_uring: a reset that comes with the last data is never told while its poll
    // has several shots, since the kernel calls such a socket empty.
    if (System.getProperty(IO_URING_SHOTS) == null) {
      System.setProperty(IO_URING_SHOTS, "false");
    }
    return switch (name) {
      case "epoll" -> Transport.EPOLL;
      case "io_uring" -> Transport.IO_URING;
      case "nio" -> Transport.NIO;
      default -> null;
    };
  }
}
