package dev.headrace.router.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the command line sets over the file and the environment.
 *
 * @param port port of {@code listen}; its host stays
 * @param adminPort port of {@code admin.listen}; its host stays
 * @param insecure allows to listen beyond loopback without credentials
 */
public record ConfigOverrides(
    @Nullable Integer port, @Nullable Integer adminPort, boolean insecure) {

  public static final ConfigOverrides NONE = new ConfigOverrides(null, null, false);

  Node.Mapping apply(Node.Mapping root) {
    Node.Mapping result = withPort(root, port, "--port", "listen");
    result = withPort(result, adminPort, "--admin-port", "admin", "listen");
    if (insecure) {
      result = result.with(List.of("insecure"), Node.Text.of("true", Origin.of("--insecure")));
    }
    return result;
  }

  private static Node.Mapping withPort(
      Node.Mapping root, @Nullable Integer port, String option, String... path) {
    if (port == null) {
      return root;
    }
    Node node = root;
    for (String key : path) {
      node = node instanceof Node.Mapping mapping ? mapping.get(key) : null;
    }
    String host = "127.0.0.1";
    if (node instanceof Node.Text text) {
      int colon = text.value().lastIndexOf(':');
      if (colon < 0) {
        return root; // No address at all: reading it says so.
      }
      host = text.value().substring(0, colon);
    }
    return root.with(List.of(path), Node.Text.of(host + ":" + port, Origin.of(option)));
  }
}
