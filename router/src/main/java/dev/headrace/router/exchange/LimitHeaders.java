package dev.headrace.router.exchange;

import dev.headrace.router.limit.LimitState.Window;
import dev.headrace.router.limit.ResetTime;
import dev.headrace.router.limit.Tenant;
import dev.headrace.router.wire.ClientSide;
import io.vertx.core.http.HttpHeaders;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells a client its limits, in the headers that OpenAI's clients know and, on Anthropic's
 * endpoints, in those of Anthropic's besides. There the reset is a time of day.
 */
final class LimitHeaders {
  private static final Names REQUESTS = new Names("requests");
  private static final Names TOKENS = new Names("tokens");
  private static final InstantSource WALL = InstantSource.system();

  /** The names for one kind. */
  private static final class Names {
    private final CharSequence limit;
    private final CharSequence remaining;
    private final CharSequence reset;
    private final CharSequence anthropicLimit;
    private final CharSequence anthropicRemaining;
    private final CharSequence anthropicReset;

    Names(String kind) {
      limit = HttpHeaders.createOptimized("x-ratelimit-limit-" + kind);
      remaining = HttpHeaders.createOptimized("x-ratelimit-remaining-" + kind);
      reset = HttpHeaders.createOptimized("x-ratelimit-reset-" + kind);
      anthropicLimit = HttpHeaders.createOptimized("anthropic-ratelimit-" + kind + "-limit");
      anthropicRemaining =
          HttpHeaders.createOptimized("anthropic-ratelimit-" + kind + "-remaining");
      anthropicReset = HttpHeaders.createOptimized("anthropic-ratelimit-" + kind + "-reset");
    }
  }

  private LimitHeaders() {}

  static void write(Tenant tenant, boolean anthropic, ClientSide client) {
    write(REQUESTS, tenant.requests(), anthropic, client);
    write(TOKENS, tenant.tokens(), anthropic, client);
  }

  private static void write(
      Names names, @Nullable Window window, boolean anthropic, ClientSide client) {
    if (window == null) {
      return;
    }
    String limit = Long.toString(window.limit());
    String remaining = Long.toString(window.remaining());
    client.field(names.limit, limit);
    client.field(names.remaining, remaining);
    client.field(names.reset, ResetTime.text(window.resetMillis()));
    if (anthropic) {
      client.field(names.anthropicLimit, limit);
      client.field(names.anthropicRemaining, remaining);
      client.field(
          names.anthropicReset,
          WALL.instant()
              .plusNanos(window.resetNanos() + 999_999_999)
              .truncatedTo(ChronoUnit.SECONDS)
              .toString());
    }
  }
}
