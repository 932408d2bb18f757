package dev.headrace.loadtest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks an address which models it serves: the first contact before a run. The future fails when
 * nothing answers there; an answer that is no model list gives an empty one.
 */
public final class TargetModels {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long TIMEOUT_MILLIS = 5_000;

  private TargetModels() {}

  public static Future<List<String>> ask(Vertx vertx, URI target, @Nullable String apiKey) {
    boolean tls = "https".equalsIgnoreCase(target.getScheme());
    String base = target.getRawPath() == null ? "" : target.getRawPath();
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost(target.getHost())
            .setPort(target.getPort() > 0 ? target.getPort() : tls ? 443 : 80)
            .setSsl(tls)
            .setURI(base.replaceFirst("/+$", "").replaceFirst("/v1$", "") + "/v1/models")
            .setTimeout(TIMEOUT_MILLIS);
    if (apiKey != null) {
      options.putHeader("authorization", "Bearer " + apiKey);
    }
    HttpClient client = vertx.createHttpClient();
    return client
        .request(options)
        .compose(request -> request.send().compose(HttpClientResponse::body))
        .map(TargetModels::ids)
        .eventually(client::close);
  }

  private static List<String> ids(Buffer body) {
    List<String> ids = new ArrayList<>();
    try {
      JsonNode root = JSON.readTree(body.getBytes());
      if (root != null) {
        root.path("data").forEach(model -> ids.add(model.path("id").asText()));
      }
    } catch (IOException e) {
      // Not every server that generates has a model list.
      return List.of();
    }
    return ids;
  }
}
