package dev.headrace.worker.sim;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** A whole HTTP answer. */
record Reply(int status, String contentType, String body, Map<String, String> headers) {

  static Reply json(int status, JsonObject body) {
    return new Reply(status, "application/json", body.encode(), Map.of());
  }

  static Reply json(JsonObject body) {
    return json(200, body);
  }

  static Reply json(JsonArray body) {
    return new Reply(200, "application/json", body.encode(), Map.of());
  }

  static Reply text(int status, String body) {
    return new Reply(status, "text/plain; charset=utf-8", body, Map.of());
  }

  /** No body and therefore no type. */
  static Reply empty(int status) {
    return new Reply(status, "", "", Map.of());
  }

  /** Prometheus text. */
  static Reply metrics(String body) {
    return new Reply(200, "text/plain; version=0.0.4; charset=utf-8", body, Map.of());
  }

  Reply withHeaders(Map<String, String> more) {
    return new Reply(status, contentType, body, more);
  }
}
