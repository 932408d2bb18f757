package dev.headrace.worker.engine;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.LenientJson;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.LoadReader;
import dev.headrace.worker.load.TrtllmMetrics;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * NVIDIA's trtllm-serve. It refuses unknown request fields, and cuts the connection instead of
 * writing an error event: a stream without its end mark is its way to fail.
 */
final class TrtllmEngine extends OpenAiShaped {

  private static final List<String> CONTEXT_WORDS =
      List.of("should not exceed max_seq_len", "should not exceed max_num_tokens");

  TrtllmEngine() {
    super("trtllm", Endpoint.CHAT, Endpoint.COMPLETIONS, Endpoint.RESPONSES);
  }

  @Override
  public WorkerHealth health(int status, String body) {
    return status == 503
        ? WorkerHealth.down("its engine is stopped (503)")
        : super.health(status, body);
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
    return status == 400 && error.says(CONTEXT_WORDS) ? FailureKind.CONTEXT_TOO_LONG : null;
  }

  @Override
  public List<LoadReader> loadReaders() {
    return List.of(TrtllmMetrics.INSTANCE);
  }
}
