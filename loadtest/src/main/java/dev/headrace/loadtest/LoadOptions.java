package dev.headrace.loadtest;

import dev.headrace.loadtest.plan.ArrivalPlan;
import dev.headrace.loadtest.plan.BenchEndpoint;
import dev.headrace.loadtest.plan.LengthLaw;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One run of the load generator.
 *
 * @param target scheme, host and port, perhaps a path before {@code /v1}
 * @param stream ask for streamed answers; only where the endpoint generates
 * @param warmup load before the measured window, by the same laws, in no figure
 * @param duration length of the measured plan; null: bounded by {@code requests} alone
 * @param requests most measured requests; 0: bounded by {@code duration} alone
 * @param maxTokens bound on each answer's tokens
 * @param timeout of one request, from its send
 * @param maxWait a planned request that waited this long for a free place is dropped and counted
 * @param loops event loops that generate
 */
public record LoadOptions(
    URI target,
    BenchEndpoint endpoint,
    String model,
    boolean stream,
    LoadShape shape,
    Duration warmup,
    @Nullable Duration duration,
    long requests,
    LengthLaw promptTokens,
    LengthLaw maxTokens,
    long seed,
    boolean ignoreEos,
    @Nullable String apiKey,
    Duration timeout,
    Duration maxWait,
    int loops) {
  public LoadOptions {
    if (duration == null && requests == 0) {
      throw new IllegalArgumentException("a run needs a duration or a number of requests");
    }
    if (requests < 0 || loops < 1) {
      throw new IllegalArgumentException("requests and loops are not negative");
    }
    if (target.getHost() == null || target.getScheme() == null) {
      throw new IllegalArgumentException(
          "expected an address such as http://127.0.0.1:8088, not '" + target + "'");
    }
    stream = stream && endpoint.generates();
    loops = Math.min(loops, shape.maxInFlight());
  }

  /** Does not show the key. */
  @Override
  public String toString() {
    return target + " " + endpoint.word() + " " + model + " " + shape;
  }

  public boolean tls() {
    return "https".equalsIgnoreCase(target.getScheme());
  }

  public int port() {
    return target.getPort() > 0 ? target.getPort() : tls() ? 443 : 80;
  }

  /** The path of an endpoint at the target; a {@code /v1} at the end of the address is no harm. */
  public String path(String endpointPath) {
    String base = target.getRawPath() == null ? "" : target.getRawPath();
    base = base.replaceFirst("/+$", "").replaceFirst("/v1$", "");
    return base + endpointPath;
  }

  public ArrivalPlan plan() {
    double rate = shape instanceof LoadShape.Open open ? open.ratePerSecond() : 0;
    return new ArrivalPlan(seed, rate, promptTokens, maxTokens);
  }

  /** Requests beyond this index are not part of the measured plan. */
  public long untilIndex() {
    return requests == 0 ? Long.MAX_VALUE : requests;
  }

  /** The measured plan's length in nanoseconds. */
  public long untilNanos() {
    return duration == null ? Long.MAX_VALUE / 2 : duration.toNanos();
  }
}
