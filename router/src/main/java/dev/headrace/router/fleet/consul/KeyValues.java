package dev.headrace.router.fleet.consul;

import dev.headrace.router.config.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.consul.BlockingQueryOptions;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads all entries below a prefix of the key-value store. Confined to the context that calls it.
 *
 * <p>Not through {@code ConsulClient}: vertx-consul-client 5.0.8 drops the index of the 404 with
 * which Consul answers for a prefix without entries, so that the wait for the first entry would be
 * polling, by every router, on Consul's leader.
 */
final class KeyValues {
  private static final int OK = 200;
  private static final int NONE_THERE = 404;

  private final ConsulAddress address;
  private final WebClient client;

  KeyValues(Vertx vertx, ConsulAddress address) {
    this.address = address;
    this.client = WebClient.create(vertx, address.options());
  }

  /** The entries whose key begins with {@code prefix}, by the rest of their key. */
  Future<BlockingQuery.Answer<Map<String, String>>> below(
      String prefix, BlockingQueryOptions options) {
    HttpRequest<Buffer> request =
        client
            .get("/v1/kv/" + encoded(prefix))
            .timeout(ConsulAddress.patience(address.config().maxWait()).toMillis())
            .addQueryParam("recurse", "true")
            .addQueryParam("index", Long.toString(options.getIndex()))
            .addQueryParam("wait", options.getWait());
    Secret token = address.config().token();
    if (token != null) {
      request.putHeader("X-Consul-Token", token.reveal());
    }
    String datacenter = address.config().datacenter();
    if (datacenter != null) {
      request.addQueryParam("dc", datacenter);
    }
    return request.send().map(response -> read(prefix, response));
  }

  void close() {
    client.close();
  }

  private static BlockingQuery.Answer<Map<String, String>> read(
      String prefix, HttpResponse<Buffer> response) {
    String index = response.getHeader("X-Consul-Index");
    if ((response.statusCode() != OK && response.statusCode() != NONE_THERE) || index == null) {
      throw new VertxException(
          "status " + response.statusCode() + ": " + beginning(response.bodyAsString()), true);
    }
    Map<String, String> entries = new TreeMap<>();
    if (response.statusCode() == OK) {
      JsonArray found = response.bodyAsJsonArray();
      for (int i = 0; i < found.size(); i++) {
        JsonObject entry = found.getJsonObject(i);
        String key = entry.getString("Key");
        if (key.startsWith(prefix)) {
          entries.put(key.substring(prefix.length()), text(entry.getString("Value")));
        }
      }
    }
    return new BlockingQuery.Answer<>(Long.parseLong(index), entries);
  }

  private static String encoded(String key) {
    return Arrays.stream(key.split("/", -1))
        .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
        .collect(Collectors.joining("/"));
  }

  private static String text(@Nullable String base64) {
    return base64 == null
        ? ""
        : new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  private static String beginning(@Nullable String body) {
    String text = body == null ? "" : body.strip();
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
