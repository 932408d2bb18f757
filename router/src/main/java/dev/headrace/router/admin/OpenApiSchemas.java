package dev.headrace.router.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The shapes of the admin API's bodies. */
final class OpenApiSchemas {
  private OpenApiSchemas() {}

  static JsonObject all() {
    return new JsonObject()
        .put("Error", error())
        .put("Status", object().field("status", text()).field("reason", text()).json())
        .put("Version", anyObject("Version of the router and of what it runs on"))
        .put("Config", anyObject("The configuration in effect, with secrets as ***"))
        .put("Registration", registration())
        .put("Heartbeat", heartbeat())
        .put(
            "Registered",
            object().field("id", text()).field("ttl_ms", whole()).require("id", "ttl_ms").json())
        .put("Worker", worker())
        .put("Workers", workers())
        .put("Models", models())
        .put("ExplainRequest", ExplainSchemas.request())
        .put("Explanation", ExplainSchemas.explanation())
        .put("Decisions", ExplainSchemas.decisions())
        .put(
            "LogLevel",
            object()
                .field("logger", text())
                .field("level", nullable(text()))
                .require("logger")
                .json())
        .put("Queues", queues())
        .put("Limits", limits())
        .put("LogLevels", object().field("loggers", mapOf(text())).json());
  }

  private static JsonObject registration() {
    return object()
        .field("id", text())
        .field("url", text())
        .field("engine", text())
        .field("models", modelList())
        .field("max_concurrency", whole())
        .field("weight", number())
        .field("meta", mapOf(text()))
        .field("status", status())
        .field("reason", text())
        .require("id", "url")
        .json();
  }

  private static JsonObject heartbeat() {
    return object()
        .field("status", status())
        .field("reason", text())
        .field("models", modelList())
        .json();
  }

  private static JsonObject worker() {
    JsonObject load =
        object()
            .field("running", nullable(whole()))
            .field("waiting", nullable(whole()))
            .field("kv_usage", nullable(number()))
            .field("age_ms", whole())
            .json();
    return object()
        .field("id", text())
        .field("key", text())
        .field("public_id", text())
        .field("source", text())
        .field("url", text())
        .field("engine", nullable(text()))
        .field("models", nullable(listOf(text())))
        .field("status", text())
        .field("reason", nullable(text()))
        .field("draining", truth())
        .field("in_flight", whole())
        .field("max_concurrency", nullable(whole()))
        .field("weight", number())
        .field("load", nullable(load))
        .field("meta", mapOf(text()))
        .json();
  }

  private static JsonObject workers() {
    JsonObject source =
        object()
            .field("name", text())
            .field("workers", whole())
            .field("reported", truth())
            .field("from_disk", truth())
            .field("age_ms", nullable(whole()))
            .json();
    return object()
        .field("workers", listOf(ref("Worker")))
        .field("sources", listOf(source))
        .field("snapshot_version", whole())
        .json();
  }

  private static JsonObject queues() {
    JsonObject part = object().field("depth", whole()).field("tokens", whole()).json();
    JsonObject queue =
        object()
            .field("model", text())
            .field("depth", whole())
            .field("tokens", whole())
            .field("oldest_ms", whole())
            .field("per_second", nullable(number()))
            .field("predicted_wait_ms", whole())
            .field("retry_after_ms", whole())
            .field("classes", mapOf(part))
            .json();
    return object().field("queues", listOf(queue)).json();
  }

  private static JsonObject limits() {
    JsonObject window =
        object()
            .field("limit", whole())
            .field("remaining", whole())
            .field("reset_ms", whole())
            .json();
    JsonObject key =
        object()
            .field("key", nullable(text()))
            .field("priority", nullable(text()))
            .field("requests", nullable(window.copy()))
            .field("tokens", nullable(window))
            .field("tokens_reserved", whole())
            .field("concurrency", nullable(whole()))
            .field("in_flight", whole())
            .field("refusals", mapOf(whole()))
            .json();
    return object().field("limits", listOf(key)).json();
  }

  private static JsonObject models() {
    JsonObject member =
        object()
            .field("id", text())
            .field("key", text())
            .field("public_id", text())
            .field("engine", text())
            .field("status", text())
            .field("weight", number())
            .json();
    JsonObject settings =
        object()
            .field("first_token_timeout_ms", whole())
            .field("idle_timeout_ms", whole())
            .field("total_timeout_ms", whole())
            .field("policy", text())
            .field("weights", mapOf(number()))
            .field("max_queue", whole())
            .field("max_wait_ms", whole())
            .field("order", text())
            .json();
    JsonObject model =
        object()
            .field("id", text())
            .field("aliases", listOf(text()))
            .field("parent", nullable(text()))
            .field("max_model_len", nullable(whole()))
            .field("routable", whole())
            .field("workers", listOf(member))
            .field("settings", settings)
            .json();
    return object()
        .field("models", listOf(model))
        .field("aliases", mapOf(text()))
        .field("snapshot_version", whole())
        .json();
  }

  private static JsonObject error() {
    JsonObject inner =
        object()
            .field("message", text())
            .field("type", text())
            .field("param", nullable(text()))
            .field("code", nullable(text()))
            .require("message", "type", "param", "code")
            .json();
    return object().field("error", inner).require("error").json();
  }

  private static JsonObject modelList() {
    JsonObject model =
        object()
            .field("id", text())
            .field("parent", text())
            .field("max_model_len", whole())
            .require("id")
            .json();
    return listOf(new JsonObject().put("oneOf", new JsonArray().add(text()).add(model)));
  }

  private static JsonObject status() {
    return text().put("enum", new JsonArray(List.of("passing", "warning", "critical", "draining")));
  }

  static JsonObject text() {
    return type("string");
  }

  static JsonObject whole() {
    return type("integer");
  }

  static JsonObject number() {
    return type("number");
  }

  static JsonObject truth() {
    return type("boolean");
  }

  private static JsonObject anyObject(String description) {
    return type("object").put("description", description);
  }

  private static JsonObject mapOf(JsonObject value) {
    return type("object").put("additionalProperties", value);
  }

  static JsonObject listOf(JsonObject element) {
    return type("array").put("items", element);
  }

  static JsonObject nullable(JsonObject schema) {
    return schema.put("nullable", true);
  }

  private static JsonObject ref(String name) {
    return new JsonObject().put("$ref", "#/components/schemas/" + name);
  }

  private static JsonObject type(String name) {
    return new JsonObject().put("type", name);
  }

  static ObjectSchema object() {
    return new ObjectSchema();
  }

  /** Collects the fields of one object. */
  static final class ObjectSchema {
    private final JsonObject properties = new JsonObject();
    private final JsonArray required = new JsonArray();

    ObjectSchema field(String name, JsonObject schema) {
      properties.put(name, schema);
      return this;
    }

    ObjectSchema require(String... names) {
      for (String name : names) {
        required.add(name);
      }
      return this;
    }

    JsonObject json() {
      JsonObject schema = type("object").put("properties", properties);
      return required.isEmpty() ? schema : schema.put("required", required);
    }
  }
}
