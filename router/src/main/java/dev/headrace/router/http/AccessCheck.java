package dev.headrace.router.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks for the API key where OpenAI's and Anthropic's clients put it. Any thread. */
final class AccessCheck {
  private final @Nullable Supplier<ApiKeys> keys;

  /**
   * @param keys null: everyone may pass
   */
  AccessCheck(@Nullable Supplier<ApiKeys> keys) {
    this.keys = keys;
  }

  Access check(MultiMap headers) {
    Supplier<ApiKeys> known = keys;
    if (known == null) {
      return Access.OPEN;
    }
    String shown = shown(headers);
    if (shown == null) {
      return Access.NO_KEY;
    }
    String name = known.get().nameOf(shown);
    return name == null ? Access.UNKNOWN_KEY : Access.of(name);
  }

  private static @Nullable String shown(MultiMap headers) {
    String authorization = headers.get(HttpHeaders.AUTHORIZATION);
    if (authorization != null) {
      return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
          ? authorization.substring(7).trim()
          : null;
    }
    return headers.get("x-api-key");
  }
}
