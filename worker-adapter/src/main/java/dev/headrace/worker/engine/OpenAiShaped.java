package dev.headrace.worker.engine;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.Engine;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.StreamEnd;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.LoadReader;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the servers that follow OpenAI's API have in common; each dialect overrides where it departs
 * from it. Stateless.
 */
abstract sealed class OpenAiShaped implements Engine
    permits LlamaCppEngine, OpenAiEngine, SglangEngine, TgiEngine, TrtllmEngine, VllmEngine {

  private final String id;
  private final Set<Endpoint> served;

  OpenAiShaped(String id, Endpoint first, Endpoint... others) {
    this.id = id;
    this.served = EnumSet.of(first, others);
  }

  @Override
  public final String id() {
    return id;
  }

  @Override
  public @Nullable String pathOf(Endpoint endpoint) {
    return served.contains(endpoint) ? endpoint.path() : null;
  }

  @Override
  public String healthPath() {
    return "/health";
  }

  @Override
  public WorkerHealth health(int status, String body) {
    if (status >= 200 && status < 300) {
      return WorkerHealth.READY;
    }
    return status == 503
        ? WorkerHealth.down("says that it is not healthy (503)")
        : WorkerHealth.down("answered " + status + " to " + healthPath());
  }

  @Override
  public String modelsPath() {
    return "/v1/models";
  }

  @Override
  public List<ServedModel> models(String body) {
    return ModelList.read(body);
  }

  @Override
  public List<String> profilePaths() {
    return List.of();
  }

  @Override
  public WorkerProfile readProfile(WorkerProfile soFar, String path, String body) {
    return soFar;
  }

  @Override
  public final FailureKind failure(int status, String body) {
    EngineError error = EngineError.parse(body);
    FailureKind own = ownFailure(status, error);
    return own != null ? own : FailureRules.ofAnswer(status, error);
  }

  @Override
  public final FailureKind streamFailure(String json) {
    EngineError error = EngineError.parse(json);
    FailureKind own = ownFailure(error.status(), error);
    return own != null ? own : FailureRules.ofEvent(error);
  }

  /**
   * What only this dialect means by the error, or null when the shared rules say it.
   *
   * @param status of the answer; in an event the one that it names, else 0
   */
  abstract @Nullable FailureKind ownFailure(int status, EngineError error);

  @Override
  public StreamEnd streamEnd(Endpoint endpoint) {
    return switch (endpoint) {
      case CHAT, COMPLETIONS -> StreamEnd.DONE_MARK;
      case RESPONSES -> StreamEnd.RESPONSE_TERMINAL;
      case MESSAGES -> StreamEnd.MESSAGE_STOP;
      case GENERATE_STREAM -> StreamEnd.GENERATED_TEXT;
      default -> StreamEnd.BODY_END;
    };
  }

  @Override
  public boolean takesStreamOptions(Endpoint endpoint) {
    return endpoint == Endpoint.CHAT || endpoint == Endpoint.COMPLETIONS;
  }

  @Override
  public List<LoadReader> loadReaders() {
    return List.of();
  }

  @Override
  public final String toString() {
    return id;
  }
}
