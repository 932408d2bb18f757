package dev.headrace.worker.engine;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.LenientJson;
import dev.headrace.worker.StreamEnd;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.LoadHeader;
import dev.headrace.worker.load.LoadReader;
import dev.headrace.worker.load.OrcaHeader;
import dev.headrace.worker.load.VllmMetrics;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * vLLM's API server. It queues without bound, so it never says that it is full; while it loads it
 * does not listen; while it scales every path answers 503.
 */
final class VllmEngine extends OpenAiShaped {

  private static final List<String> CONTEXT_WORDS =
      List.of("context length is", "longer than the maximum model length");

  VllmEngine() {
    super(
        "vllm",
        Endpoint.CHAT,
        Endpoint.COMPLETIONS,
        Endpoint.EMBEDDINGS,
        Endpoint.RESPONSES,
        Endpoint.MESSAGES,
        Endpoint.COUNT_TOKENS,
        Endpoint.RERANK,
        Endpoint.SCORE,
        Endpoint.POOLING,
        Endpoint.CLASSIFY,
        Endpoint.TOKENIZE,
        Endpoint.DETOKENIZE,
        Endpoint.TRANSCRIPTIONS,
        Endpoint.TRANSLATIONS);
  }

  @Override
  public WorkerHealth health(int status, String body) {
    if (status != 503) {
      return super.health(status, body);
    }
    return EngineError.parse(body).says("scaling")
        ? WorkerHealth.loading("scaling")
        : WorkerHealth.down("its engine is dead (503)");
  }

  @Override
  public List<String> profilePaths() {
    return List.of("/version");
  }

  @Override
  public WorkerProfile readProfile(WorkerProfile soFar, String path, String body) {
    return soFar.withVersion(LenientJson.text(LenientJson.read(body), "version"));
  }

  @Override
  @Nullable FailureKind ownFailure(int status, EngineError error) {
    boolean blamesRequest = status == 400 || status == 404;
    if (blamesRequest
        && (error.says(CONTEXT_WORDS)
            || error.param().equals("input_tokens")
            || error.param().equals("input_text"))) {
      return FailureKind.CONTEXT_TOO_LONG;
    }
    // A model of another task, such as an embedder that is asked to chat.
    return blamesRequest && error.says("the model does not support")
        ? FailureKind.UNSUPPORTED
        : null;
  }

  @Override
  public StreamEnd streamEnd(Endpoint endpoint) {
    return switch (endpoint) {
      case TRANSCRIPTIONS, TRANSLATIONS -> StreamEnd.DONE_MARK;
      default -> super.streamEnd(endpoint);
    };
  }

  @Override
  public List<LoadReader> loadReaders() {
    return List.of(VllmMetrics.INSTANCE);
  }

  @Override
  public LoadHeader loadHeader() {
    return OrcaHeader.INSTANCE;
  }
}
