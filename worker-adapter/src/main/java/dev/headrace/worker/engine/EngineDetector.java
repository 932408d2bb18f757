package dev.headrace.worker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.worker.Engine;
import dev.headrace.worker.LenientJson;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which engine a server runs from its answers to a few GET questions. Asking is the
 * caller's part; here is only what to ask and what the answers prove. Pure; any thread.
 *
 * <p>The model list comes first because four of the engines sign it ({@code owned_by}). The others
 * are known by answers that nobody else gives. A server that has a model list and none of these
 * signs is taken for an OpenAI-compatible one.
 */
public final class EngineDetector {

  /** An answer to one of the {@link #questions()}. */
  public record Answer(String path, int status, String body) {}

  private static final String MODELS = "/v1/models";

  private static final List<String> QUESTIONS =
      List.of(MODELS, "/props", "/info", "/server_info", "/get_server_info", "/version");

  private EngineDetector() {}

  /** The paths to ask, in this order, until {@link #proven} tells an engine. */
  public static List<String> questions() {
    return QUESTIONS;
  }

  /** The engine that this one answer proves, or null. */
  public static @Nullable Engine proven(Answer answer) {
    if (answer.status() == 503) {
      boolean loading = EngineError.parse(answer.body()).type().equals("unavailable_error");
      return loading ? Engines.LLAMACPP : null;
    }
    if (answer.status() != 200) {
      return null;
    }
    JsonNode root = LenientJson.read(answer.body());
    return switch (answer.path()) {
      case MODELS -> signer(root);
      case "/props" ->
          root.has("total_slots") && root.has("default_generation_settings")
              ? Engines.LLAMACPP
              : null;
      case "/info" ->
          root.has("model_id") && root.has("max_concurrent_requests") ? Engines.TGI : null;
      case "/server_info", "/get_server_info" ->
          root.path("internal_states").isArray() ? Engines.SGLANG : null;
      default -> null;
    };
  }

  /** The likeliest engine when no answer proved one, or null when nothing speaks for any. */
  public static @Nullable Engine likeliest(List<Answer> answers) {
    boolean hasModels = false;
    boolean hasVersion = false;
    boolean hasPermissions = false;
    for (Answer answer : answers) {
      if (answer.status() != 200) {
        continue;
      }
      JsonNode root = LenientJson.read(answer.body());
      if (answer.path().equals(MODELS)) {
        JsonNode cards = ModelList.cards(root);
        hasModels = cards.isArray();
        hasPermissions = cards.path(0).has("permission") && cards.path(0).has("max_model_len");
      } else if (answer.path().equals("/version")) {
        hasVersion = LenientJson.text(root, "version") != null;
      }
    }
    if (hasPermissions && hasVersion) {
      return Engines.VLLM; // a build that signs with its own name
    }
    return hasModels ? Engines.OPENAI : null;
  }

  private static @Nullable Engine signer(JsonNode root) {
    for (JsonNode card : ModelList.cards(root)) {
      String owner = LenientJson.text(card, "owned_by");
      Engine engine =
          switch (owner == null ? "" : owner) {
            case "vllm" -> Engines.VLLM;
            case "llamacpp" -> Engines.LLAMACPP;
            case "sglang" -> Engines.SGLANG;
            case "tensorrt_llm" -> Engines.TRTLLM;
            default -> null;
          };
      if (engine != null) {
        return engine;
      }
    }
    return null;
  }
}
