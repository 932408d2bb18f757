package dev.headrace.worker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.worker.Endpoint;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.LenientJson;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.LlamaCppMetrics;
import dev.headrace.worker.load.LlamaCppSlots;
import dev.headrace.worker.load.LoadReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * llama.cpp's llama-server. It listens while it loads and then answers 503 to everything; it has a
 * fixed number of slots and defers what is beyond them.
 */
final class LlamaCppEngine extends OpenAiShaped {

  LlamaCppEngine() {
    super(
        "llamacpp",
        Endpoint.CHAT,
        Endpoint.COMPLETIONS,
        Endpoint.EMBEDDINGS,
        Endpoint.RESPONSES,
        Endpoint.MESSAGES,
        Endpoint.COUNT_TOKENS,
        Endpoint.RERANK,
        Endpoint.TOKENIZE,
        Endpoint.DETOKENIZE,
        Endpoint.APPLY_TEMPLATE,
        Endpoint.TRANSCRIPTIONS);
  }

  @Override
  public WorkerHealth health(int status, String body) {
    return status == 503 ? WorkerHealth.loading("loading the model") : super.health(status, body);
  }

  @Override
  public List<String> profilePaths() {
    return List.of("/props");
  }

  @Override
  public WorkerProfile readProfile(WorkerProfile soFar, String path, String body) {
    JsonNode props = LenientJson.read(body);
    return soFar
        .withVersion(LenientJson.text(props, "build_info"))
        .withMaxConcurrency(LenientJson.count(props, "total_slots"));
  }

  @Override
  @Nullable FailureKind ownFailure(int status, EngineError error) {
    if (error.type().equals("exceed_context_size_error")
        // An embedding's input must fit one physical batch; the refusal calls itself 500.
        || error.says("is too large to process")) {
      return FailureKind.CONTEXT_TOO_LONG;
    }
    return switch (error.type()) {
      case "not_supported_error" -> FailureKind.UNSUPPORTED;
      case "unavailable_error" ->
          error.says("no slot available") ? FailureKind.FULL : FailureKind.NOT_READY;
      default -> null;
    };
  }

  /** Its completions carry the usage in the last chunk unasked. */
  @Override
  public boolean takesStreamOptions(Endpoint endpoint) {
    return endpoint == Endpoint.CHAT;
  }

  @Override
  public List<LoadReader> loadReaders() {
    return List.of(LlamaCppMetrics.INSTANCE, LlamaCppSlots.INSTANCE);
  }
}
