package dev.headrace.router.admin;

import dev.headrace.router.config.Addresses;
import dev.headrace.router.config.Secret;
import dev.headrace.router.error.ErrorCode;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may call a guarded operation. Holds the token's digest only and compares digests in
 * constant time.
 *
 * <p>Browsers are kept out where they could be used against us: a page of another origin is refused
 * always; and a port on loopback without a token answers only to a loopback {@code Host}, so that a
 * foreign name that was pointed at loopback does not reach it.
 */
final class AdminGuard {
  private final byte @Nullable [] tokenDigest;
  private final boolean loopbackOnly;

  /**
   * @param loopback the port is bound to loopback
   */
  AdminGuard(@Nullable Secret token, boolean loopback) {
    this.tokenDigest = token == null ? null : digest(token.reveal());
    this.loopbackOnly = loopback && token == null;
  }

  /**
   * Passes or refuses.
   *
   * @throws AdminRefusal when the call may not go on
   */
  void check(HttpServerRequest request) {
    String host = request.authority() == null ? "" : request.authority().toString();
    String origin = request.getHeader("Origin");
    if (origin != null && !sameOrigin(origin, host)) {
      throw new AdminRefusal(
          ErrorCode.CROSS_ORIGIN, "pages of another origin may not call the admin API", null);
    }
    if (loopbackOnly && !loopbackName(request)) {
      throw new AdminRefusal(
          ErrorCode.CROSS_ORIGIN,
          "without a token the admin port answers only to a loopback Host, such as 127.0.0.1",
          null);
    }
    if (tokenDigest != null && !carriesToken(request)) {
      throw new AdminRefusal(
          ErrorCode.INVALID_API_KEY,
          "the admin API needs its token: Authorization: Bearer <token>",
          null);
    }
  }

  private boolean carriesToken(HttpServerRequest request) {
    String header = request.getHeader("Authorization");
    if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return false;
    }
    return MessageDigest.isEqual(digest(header.substring(7).trim()), tokenDigest);
  }

  private static boolean sameOrigin(String origin, String host) {
    String lower = origin.toLowerCase(Locale.ROOT);
    return lower.equals("http://" + host.toLowerCase(Locale.ROOT))
        || lower.equals("https://" + host.toLowerCase(Locale.ROOT));
  }

  /** A Host that is missing or cannot be read is no loopback one. */
  private static boolean loopbackName(HttpServerRequest request) {
    return request.authority() != null && Addresses.isLoopback(request.authority().host());
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
