package dev.headrace.router.fleet;

import dev.headrace.worker.ConnectionLimits;
import dev.headrace.worker.Endpoint;
import dev.headrace.worker.Engine;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.StreamEnd;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.LoadReader;
import dev.headrace.worker.load.WorkerLoad;
import java.util.List;
import java.util.Set;

/** An engine of which only the name matters. */
public record StubEngine(String id) implements Engine {
  private static final Set<String> KNOWN = Set.of("vllm", "tgi", "llamacpp", "openai");

  public static Engine byId(String id) {
    return KNOWN.contains(id) ? new StubEngine(id) : null;
  }

  @Override
  public String pathOf(Endpoint endpoint) {
    return endpoint.path();
  }

  @Override
  public String healthPath() {
    return "/health";
  }

  @Override
  public WorkerHealth health(int status, String body) {
    return status == 200 ? WorkerHealth.READY : WorkerHealth.down("status " + status);
  }

  @Override
  public String modelsPath() {
    return "/v1/models";
  }

  @Override
  public List<ServedModel> models(String body) {
    return List.of();
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
  public FailureKind failure(int status, String body) {
    return FailureKind.BROKEN;
  }

  @Override
  public FailureKind streamFailure(String json) {
    return FailureKind.BROKEN;
  }

  @Override
  public StreamEnd streamEnd(Endpoint endpoint) {
    return StreamEnd.DONE_MARK;
  }

  @Override
  public boolean takesStreamOptions(Endpoint endpoint) {
    return true;
  }

  @Override
  public List<LoadReader> loadReaders() {
    return List.of(
        new LoadReader() {
          @Override
          public String path() {
            return "/metrics";
          }

          @Override
          public WorkerLoad read(String body, long readAtNanos) {
            return WorkerLoad.of(readAtNanos, 0, 0, 0);
          }
        });
  }

  @Override
  public ConnectionLimits connectionLimits() {
    return ConnectionLimits.UVICORN;
  }
}
