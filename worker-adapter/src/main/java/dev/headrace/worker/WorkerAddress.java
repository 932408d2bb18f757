package dev.headrace.worker;

import java.net.URI;
import java.util.Locale;

/**
 * Where a worker listens. {@code basePath} is empty or begins with a slash and has none at its end;
 * it stands before every path of the engine.
 */
public record WorkerAddress(boolean tls, String host, int port, String basePath) {

  /**
   * Reads {@code http://host:port/base} or {@code https://…}. A {@code /v1} at the end, which the
   * base URLs of SDKs have, is dropped: the engines' paths bring it.
   *
   * @throws IllegalArgumentException when it is not such a URL; the message says what was expected
   */
  public static WorkerAddress parse(String url) {
    URI uri;
    try {
      uri = URI.create(url.trim());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "expected a URL such as http://127.0.0.1:8000, got '" + url + "'", e);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IllegalArgumentException(
          "expected a URL that begins with http:// or https://, got '" + url + "'");
    }
    if (uri.getHost() == null
        || uri.getUserInfo() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "expected a URL of scheme, host, port and perhaps a path, such as http://127.0.0.1:8000, got '"
              + url
              + "'");
    }
    boolean tls = scheme.equals("https");
    int port = uri.getPort() > 0 ? uri.getPort() : (tls ? 443 : 80);
    if (port > 65535) {
      throw new IllegalArgumentException(
          "expected a URL with a port from 1 to 65535, got '" + url + "'");
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    path = withoutEndingSlashes(path);
    if (path.endsWith("/v1")) {
      path = withoutEndingSlashes(path.substring(0, path.length() - 3));
    }
    String host = uri.getHost();
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return new WorkerAddress(tls, host, port, path);
  }

  private static String withoutEndingSlashes(String path) {
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }

  /** {@code host:port}, with brackets around an IPv6 host. */
  public String authority() {
    return bracketedHost() + ":" + port;
  }

  /**
   * The value of our {@code Host} header: the authority without the scheme's own port, because
   * gateways before cloud APIs do not all take {@code host:443} for {@code host}.
   */
  public String hostHeader() {
    return port == (tls ? 443 : 80) ? bracketedHost() : authority();
  }

  private String bracketedHost() {
    return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
  }

  /** The URL that {@link #parse} reads back to an equal address. */
  public String url() {
    return (tls ? "https://" : "http://") + authority() + basePath;
  }

  @Override
  public String toString() {
    return url();
  }
}
