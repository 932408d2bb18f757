package dev.headrace.worker.sim;

import io.vertx.core.json.JsonObject;
import java.util.Map;

/**
 * What a simulated engine did since its start or its last reset.
 *
 * @param served requests that it took in, on its engine's paths
 * @param completed generations and readings answered to their end
 * @param refused requests answered with an error
 * @param aborted requests whose client left before the end
 * @param faulted requests that a fault cut, stalled or failed
 * @param generatedTokens tokens of all answers
 * @param tokensAfterAbort tokens computed for clients that had left
 * @param promptTokens tokens of all prompts that got a slot
 * @param cachedTokens those of them that came from the prefix cache
 * @param running requests computed now
 * @param waiting requests that wait now
 * @param peakRunning most requests computed at one time
 * @param peakInFlight most requests in work, computed or waiting, at one time
 * @param connections connections open now
 * @param connectionsAccepted connections ever accepted
 * @param byEndpoint requests by method and path
 */
public record SimStats(
    String name,
    String engine,
    long served,
    long completed,
    long refused,
    long aborted,
    long faulted,
    long generatedTokens,
    long tokensAfterAbort,
    long promptTokens,
    long cachedTokens,
    int running,
    int waiting,
    int peakRunning,
    int peakInFlight,
    int connections,
    long connectionsAccepted,
    Map<String, Long> byEndpoint) {

  public SimStats {
    byEndpoint = Map.copyOf(byEndpoint);
  }

  /** The body of {@code GET /sim/stats}. */
  public JsonObject toJson() {
    JsonObject endpoints = new JsonObject();
    byEndpoint.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> endpoints.put(entry.getKey(), entry.getValue()));
    return new JsonObject()
        .put("name", name)
        .put("engine", engine)
        .put("served", served)
        .put("completed", completed)
        .put("refused", refused)
        .put("aborted", aborted)
        .put("faulted", faulted)
        .put("generated_tokens", generatedTokens)
        .put("tokens_after_abort", tokensAfterAbort)
        .put("prompt_tokens", promptTokens)
        .put("cached_tokens", cachedTokens)
        .put("running", running)
        .put("waiting", waiting)
        .put("peak_running", peakRunning)
        .put("peak_in_flight", peakInFlight)
        .put("connections", connections)
        .put("connections_accepted", connectionsAccepted)
        .put("by_endpoint", endpoints);
  }
}
