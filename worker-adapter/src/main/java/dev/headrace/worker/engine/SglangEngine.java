package dev.headrace.worker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.worker.Endpoint;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.LenientJson;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.LoadReader;
import dev.headrace.worker.load.SglangLoads;
import dev.headrace.worker.load.SglangMetrics;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SGLang's server. Its health question generates a token, so it is slow under load; {@link
 * #livenessPath()} tells slow from dead. Its own {@code /generate} is not TGI's and is not served.
 */
final class SglangEngine extends OpenAiShaped {

  private static final List<String> CONTEXT_WORDS =
      List.of("longer than the model's context length", "exceeds the maximum allowed length");

  private static final List<String> FULL_WORDS =
      List.of("queue is full", "waiting timeout", "higher priority");

  SglangEngine() {
    super(
        "sglang",
        Endpoint.CHAT,
        Endpoint.COMPLETIONS,
        Endpoint.EMBEDDINGS,
        Endpoint.RESPONSES,
        Endpoint.MESSAGES,
        Endpoint.COUNT_TOKENS,
        Endpoint.RERANK,
        Endpoint.SCORE,
        Endpoint.CLASSIFY,
        Endpoint.TOKENIZE,
        Endpoint.DETOKENIZE,
        Endpoint.TRANSCRIPTIONS);
  }

  /** {@code /classify} is its native form; {@code /v1/classify} is the one that vLLM has. */
  @Override
  public @Nullable String pathOf(Endpoint endpoint) {
    return endpoint == Endpoint.CLASSIFY ? "/v1/classify" : super.pathOf(endpoint);
  }

  @Override
  public String livenessPath() {
    return "/ping";
  }

  @Override
  public WorkerHealth health(int status, String body) {
    return status == 503
        ? WorkerHealth.loading("starting, draining or not able to generate (503)")
        : super.health(status, body);
  }

  /**
   * An adapter is asked for as {@code base:adapter}; by the bare name of its card the base model
   * would answer, and nobody would notice. Under a base with a colon in its name it cannot be asked
   * for.
   */
  @Override
  public List<ServedModel> models(String body) {
    return super.models(body).stream()
        .filter(model -> model.parent() == null || model.parent().indexOf(':') < 0)
        .map(
            model ->
                model.parent() == null
                    ? model
                    : new ServedModel(
                        model.parent() + ":" + model.id(), model.parent(), model.maxModelLen()))
        .toList();
  }

  /** The second is the name that older versions have for the first. */
  @Override
  public List<String> profilePaths() {
    return List.of("/server_info", "/get_server_info");
  }

  @Override
  public WorkerProfile readProfile(WorkerProfile soFar, String path, String body) {
    JsonNode info = LenientJson.read(body);
    return soFar
        .withVersion(LenientJson.text(info, "version"))
        .withMaxConcurrency(maxRunning(info));
  }

  private static @Nullable Integer maxRunning(JsonNode info) {
    int sum = 0;
    for (JsonNode rank : info.path("internal_states")) {
      Integer running = LenientJson.count(rank, "effective_max_running_requests_per_dp");
      sum += running == null ? 0 : Math.min(running, 1_000_000);
    }
    return sum > 0 ? Integer.valueOf(sum) : LenientJson.count(info, "max_running_requests");
  }

  @Override
  @Nullable FailureKind ownFailure(int status, EngineError error) {
    if (status == 503 && error.says(FULL_WORDS)) {
      return FailureKind.FULL;
    }
    return status == 400 && error.says(CONTEXT_WORDS) ? FailureKind.CONTEXT_TOO_LONG : null;
  }

  @Override
  public List<LoadReader> loadReaders() {
    return List.of(SglangLoads.INSTANCE, SglangMetrics.INSTANCE);
  }
}
