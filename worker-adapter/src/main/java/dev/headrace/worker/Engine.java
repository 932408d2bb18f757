package dev.headrace.worker;

import dev.headrace.worker.load.LoadReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One engine's dialect: what it serves, how to ask what it is, and what its answers mean.
 * Implementations are pure, stateless and thread-safe: they read bodies and name paths; sockets
 * belong to {@code worker.probe} and to the router.
 */
public interface Engine {

  /**
   * The name in configuration, Consul meta, metrics: {@code vllm}, {@code tgi}, {@code llamacpp}, …
   */
  String id();

  /** The path on which this engine serves the endpoint, or null when it does not. */
  @Nullable String pathOf(Endpoint endpoint);

  /** Path of the cheap health question, asked with GET. */
  String healthPath();

  WorkerHealth health(int status, String body);

  /**
   * A path that answers 200 at once as long as the server lives, even when the answer to {@link
   * #healthPath()} waits behind other work; null when that answer never waits.
   */
  default @Nullable String livenessPath() {
    return null;
  }

  /** Path of the model list, asked with GET. */
  String modelsPath();

  /** Reads a model list answered with 200. Never null; empty when the body names none. */
  List<ServedModel> models(String body);

  /**
   * Further GET paths that tell version or limits, in the order in which they are asked. Each may
   * fail.
   */
  List<String> profilePaths();

  /**
   * Adds what the answer (status 200) of one of {@link #profilePaths()} tells.
   *
   * @return the profile, changed or the same; a body that cannot be read changes nothing
   */
  WorkerProfile readProfile(WorkerProfile soFar, String path, String body);

  /** What a non-2xx answer means. {@code body} is the beginning of it, at most 64 KiB. */
  FailureKind failure(int status, String body);

  /**
   * What an error event inside a stream (HTTP status 200) means; {@code json} is the event's data.
   */
  FailureKind streamFailure(String json);

  /** The mark of a whole stream on this endpoint. */
  StreamEnd streamEnd(Endpoint endpoint);

  /**
   * True when {@code stream_options.include_usage} may be added to a streaming request on this
   * endpoint.
   */
  boolean takesStreamOptions(Endpoint endpoint);

  /** Where its load can be read, best first. Empty when it tells nothing. */
  List<LoadReader> loadReaders();
}
