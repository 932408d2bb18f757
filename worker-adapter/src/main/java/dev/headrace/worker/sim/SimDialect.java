package dev.headrace.worker.sim;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The wire format of one engine: what it serves on which path, and the form of its answers. Pure;
 * the server asks it and does the rest.
 */
interface SimDialect {

  /** When a stream's status and headers are sent. */
  enum HeadTiming {
    AT_ONCE,
    WHEN_RUNNING,
    WITH_FIRST_TOKEN
  }

  /** What it serves, by method and path, such as {@code POST /v1/completions}. */
  Map<String, SimRoute> routes();

  HeadTiming headTiming();

  /** Headers on every answer. */
  Map<String, String> headers();

  /** Headers on an answer in one piece that tell the engine's load, when the request asks so. */
  default Map<String, String> loadHeaders(HttpServerRequest request, Supplier<EngineView> view) {
    return Map.of();
  }

  /** Silence after which a stream carries a comment line, in milliseconds; 0 is never. */
  int pingMs(JsonObject body);

  /** When it closes connections. */
  ConnectionHabits connections();

  /** True when the path needs the API key, should there be one. */
  boolean guarded(String path);

  /** The answer to a request that is refused. */
  Reply refusal(Refusal refusal, String path);

  /** True when this refusal of a stream comes as an event after a head with status 200. */
  boolean refusesInStream(Refusal.Kind kind);

  /** How it says that it takes no more requests now. */
  String overloadMessage();

  /** How it says that a prompt does not fit. */
  String tooLongMessage(int promptTokens, int contextTokens);

  /** The answer on this path while the engine is not ready, or null when it answers as ever. */
  @Nullable Reply notReady(String path);

  /** True when it answers only to names that it serves. */
  boolean checksModel();

  /** The model's name in answers to a request that asked for {@code asked}. */
  String toldModel(SimOptions options, String asked);

  static SimDialect of(SimOptions options) {
    return switch (options.engine()) {
      case "vllm" -> new VllmDialect(options);
      case "tgi" -> new TgiDialect();
      case "llamacpp" -> new LlamaCppDialect(options);
      case "sglang" -> new SglangDialect(options);
      default -> throw new IllegalArgumentException("no dialect " + options.engine());
    };
  }
}
