package dev.headrace.app.demo;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.parsetools.RecordParser;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks questions like any client of the OpenAI API, and listens to the stream. Any thread. */
final class DemoClient {
  private static final int CONNECTIONS = 64;
  private static final long TIMEOUT_MILLIS = 60_000;

  private final HttpClient http;
  private final String base;

  /**
   * @param base {@code http://host:port} of the router
   */
  DemoClient(Vertx vertx, String base) {
    this.base = base;
    this.http =
        vertx.createHttpClient(
            new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(CONNECTIONS));
  }

  Future<Void> close() {
    return http.close();
  }

  /**
   * Streams one answer.
   *
   * @param onText gets each piece of text as it arrives
   * @return never fails
   */
  Future<DemoAnswer> ask(String model, String question, Consumer<String> onText) {
    JsonObject body =
        new JsonObject()
            .put("model", model)
            .put("stream", true)
            .put(
                "messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", question)));
    long start = System.nanoTime();
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(base + "/v1/chat/completions")
            .setIdleTimeout(TIMEOUT_MILLIS)
            .putHeader("content-type", "application/json")
            .putHeader("x-headrace-debug", "1");
    // The listener is attached on the connection's loop, before the head can arrive: a callback
    // that this thread attached later could come too late for the first bytes.
    return http.request(options)
        .compose(
            request ->
                request
                    .send(body.toBuffer())
                    .compose(response -> new Listener(response, start, onText).listen()))
        .recover(
            e ->
                Future.succeededFuture(
                    new DemoAnswer(null, 0, System.nanoTime() - start, 0, String.valueOf(e))));
  }

  /** Reads one answer; confined to its connection's loop. */
  private static final class Listener {
    private final HttpClientResponse response;
    private final long start;
    private final Consumer<String> onText;
    private long first;
    private int pieces;
    private boolean done;
    private @Nullable String failure;

    Listener(HttpClientResponse response, long start, Consumer<String> onText) {
      this.response = response;
      this.start = start;
      this.onText = onText;
    }

    Future<DemoAnswer> listen() {
      Promise<DemoAnswer> promise = Promise.promise();
      if (response.statusCode() != 200) {
        return response.body().map(body -> answer("status " + response.statusCode() + ": " + body));
      }
      RecordParser lines = RecordParser.newDelimited("\n", this::line);
      response.exceptionHandler(e -> promise.tryComplete(answer("broken off: " + e.getMessage())));
      response.handler(lines);
      response.endHandler(
          end -> promise.tryComplete(answer(done ? failure : "ended without [DONE]")));
      return promise.future();
    }

    private void line(Buffer line) {
      String text = line.toString().strip();
      if (!text.startsWith("data:")) {
        return;
      }
      String data = text.substring("data:".length()).strip();
      if (data.equals("[DONE]")) {
        done = true;
        return;
      }
      try {
        event(new JsonObject(data));
      } catch (DecodeException | ClassCastException e) {
        failure = "an event is not JSON as expected";
      }
    }

    private void event(JsonObject event) {
      if (event.containsKey("error")) {
        failure = event.getValue("error").toString();
        return;
      }
      JsonArray choices = event.getJsonArray("choices", new JsonArray());
      if (choices.isEmpty()) {
        return;
      }
      String text =
          choices.getJsonObject(0).getJsonObject("delta", new JsonObject()).getString("content");
      if (text != null && !text.isEmpty()) {
        if (pieces++ == 0) {
          first = System.nanoTime() - start;
        }
        onText.accept(text);
      }
    }

    private DemoAnswer answer(@Nullable String failure) {
      return new DemoAnswer(
          response.getHeader("x-headrace-worker"),
          first,
          System.nanoTime() - start,
          pieces,
          failure);
    }
  }
}
