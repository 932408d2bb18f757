package dev.headrace.worker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.worker.Endpoint;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.LenientJson;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.LoadReader;
import dev.headrace.worker.load.TgiMetrics;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hugging Face text-generation-inference. Its errors are flat with an {@code error_type}; inside
 * streams everything, overload too, calls itself 422, so that the text decides.
 */
final class TgiEngine extends OpenAiShaped {

  private static final List<String> CONTEXT_WORDS =
      List.of("`inputs` tokens + `max_new_tokens` must be", "`inputs` must have less than");

  private static final List<String> BROKEN_WORDS =
      List.of("request failed during generation", "incomplete generation");

  TgiEngine() {
    super(
        "tgi",
        Endpoint.CHAT,
        Endpoint.COMPLETIONS,
        Endpoint.TOKENIZE,
        Endpoint.GENERATE,
        Endpoint.GENERATE_STREAM);
  }

  @Override
  public WorkerHealth health(int status, String body) {
    return status == 503
        ? WorkerHealth.down("its health check of the model fails (503)")
        : super.health(status, body);
  }

  @Override
  public List<String> profilePaths() {
    return List.of("/info");
  }

  @Override
  public WorkerProfile readProfile(WorkerProfile soFar, String path, String body) {
    JsonNode info = LenientJson.read(body);
    return soFar
        .withVersion(LenientJson.text(info, "version"))
        .withMaxConcurrency(LenientJson.count(info, "max_concurrent_requests"));
  }

  @Override
  @Nullable FailureKind ownFailure(int status, EngineError error) {
    if (status == 429 || error.type().equals("overloaded") || error.says("model is overloaded")) {
      return FailureKind.FULL;
    }
    if (error.says(CONTEXT_WORDS)) {
      return FailureKind.CONTEXT_TOO_LONG;
    }
    return switch (error.type()) {
      case "validation", "template_error", "tool_error" -> FailureKind.BAD_REQUEST;
      case "generation", "incomplete_generation" -> FailureKind.BROKEN;
      case "healthcheck" -> FailureKind.NOT_READY;
      default -> {
        // A stream's event has no type: it names 422 for every fault.
        boolean event = status == 422 && error.type().isEmpty();
        yield event && error.says(BROKEN_WORDS) ? FailureKind.BROKEN : null;
      }
    };
  }

  /** Its completions carry the usage in the last object unasked. */
  @Override
  public boolean takesStreamOptions(Endpoint endpoint) {
    return endpoint == Endpoint.CHAT;
  }

  @Override
  public List<LoadReader> loadReaders() {
    return List.of(TgiMetrics.INSTANCE);
  }
}
