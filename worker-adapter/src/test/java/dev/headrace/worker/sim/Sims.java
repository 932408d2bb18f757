package dev.headrace.worker.sim;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Starts simulated workers for one test class and talks to them with the JDK's client. */
final class Sims {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  final Vertx vertx = Vertx.vertx();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  SimulatedWorker start(SimOptions options) throws Exception {
    return SimulatedWorker.start(vertx, options)
        .toCompletionStage()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  void faults(SimulatedWorker worker, SimFaults faults) throws Exception {
    worker.faults(faults).toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  HttpResponse<String> get(SimulatedWorker worker, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(worker.url() + path)).timeout(LIMIT).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> post(SimulatedWorker worker, String path, JsonObject body, String... headers)
      throws Exception {
    return send(worker, "POST", path, body.encode(), headers);
  }

  HttpResponse<String> send(
      SimulatedWorker worker, String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(worker.url() + path))
            .timeout(LIMIT)
            .header("content-type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException closed) {
      // Its kept connection was closing, as llama-server's are after each stream.
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  static JsonObject chat(String text) {
    return new JsonObject()
        .put("model", "m")
        .put(
            "messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", text)));
  }

  static JsonObject streamed(String text) {
    return chat(text).put("stream", true);
  }

  /** The data of all events, in order. */
  static List<String> data(String stream) {
    return Stream.of(stream.split("\r?\n"))
        .filter(line -> line.startsWith("data:"))
        .map(line -> line.substring(5).strip())
        .toList();
  }

  /** The data of all events that are JSON. */
  static List<JsonObject> events(String stream) {
    return data(stream).stream().filter(data -> data.startsWith("{")).map(JsonObject::new).toList();
  }

  /** The text that a chat stream carries. */
  static String content(String stream) {
    StringBuilder text = new StringBuilder();
    for (JsonObject event : events(stream)) {
      JsonArray choices = event.getJsonArray("choices");
      if (choices != null && !choices.isEmpty()) {
        String piece =
            choices.getJsonObject(0).getJsonObject("delta", new JsonObject()).getString("content");
        text.append(piece == null ? "" : piece);
      }
    }
    return text.toString();
  }

  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
