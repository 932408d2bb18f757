package dev.headrace.worker.sim;

import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Map;

/**
 * What a simulated engine does wrong. Immutable; replaced as a whole while the engine runs.
 *
 * <p>The token counts {@code dieAfterTokens}, {@code truncateAfterTokens}, {@code errorAfterTokens}
 * and {@code stallAfterTokens} are {@link #OFF} when the fault is off, and 0 means before the first
 * token but after the head.
 *
 * @param refuseMs the engine closes its port and all connections, and listens again after so many
 *     milliseconds; 0 is off
 * @param acceptDelayMs the first request of a connection is looked at only so much later
 * @param notReady answers as the engine does while its model loads or its core is dead
 * @param closeBeforeHead closes the connection in place of an answer
 * @param dieAfterTokens resets the connection (TCP RST) after so many tokens
 * @param truncateAfterTokens ends the body cleanly after so many tokens, with neither finish reason
 *     nor end mark
 * @param errorAfterTokens ends the stream with the engine's error event after so many tokens
 * @param stallBeforeHead never sends the head
 * @param stallAfterTokens sends nothing more after so many tokens
 * @param failStatus answers generation with this status (429, 500 or 503) in the engine's form; 0
 *     is off
 * @param failDelayMs how long such a refusal takes; 0 is at once
 * @param probability share of the generation requests that the faults on requests strike, 0..1
 * @param splitBytes cuts what is sent into HTTP chunks of so many bytes; 0 is off
 * @param splitRandom cuts at random sizes from 1 to {@code splitBytes} instead
 * @param crlf ends the lines of event streams with CR LF
 * @param mergeFrames sends so many tokens' events at once; 0 is off
 * @param gauges what the load figures show
 * @param gaugesAdded what {@link Gauges#ADDED} adds to the running and to the waiting count
 * @param gaugesDelayMs how long an answer with load figures takes
 * @param closeIdleMs closes connections that are idle for so long; 0 is the engine's own limit
 */
public record SimFaults(
    int refuseMs,
    int acceptDelayMs,
    boolean notReady,
    boolean closeBeforeHead,
    int dieAfterTokens,
    int truncateAfterTokens,
    int errorAfterTokens,
    boolean stallBeforeHead,
    int stallAfterTokens,
    int failStatus,
    int failDelayMs,
    double probability,
    int splitBytes,
    boolean splitRandom,
    boolean crlf,
    int mergeFrames,
    Gauges gauges,
    int gaugesAdded,
    int gaugesDelayMs,
    int closeIdleMs) {

  /** A token count that never comes. */
  public static final int OFF = -1;

  /** What the load figures show: the truth, what was true when the fault was set, 0, or more. */
  public enum Gauges {
    TRUE,
    FROZEN,
    ZERO,
    ADDED
  }

  /** Nothing is wrong. */
  public static final SimFaults NONE = of(Map.of());

  public SimFaults {
    require(
        failStatus == 0 || failStatus == 429 || failStatus == 500 || failStatus == 503,
        "fail_status must be 0, 429, 500 or 503");
    require(probability >= 0 && probability <= 1, "probability must be 0 to 1");
    require(!splitRandom || splitBytes > 0, "split_random needs split_bytes above 0");
  }

  /**
   * Reads {@code name → value}, with names such as {@code die_after_tokens}; what is not named is
   * off. Values may be of the right type or text.
   *
   * @throws IllegalArgumentException for an unknown name or a wrong value; the message says which
   */
  public static SimFaults of(Map<String, ?> values) {
    FaultFields fields = new FaultFields(values);
    SimFaults faults =
        new SimFaults(
            fields.count("refuse_ms", 0, 600_000, 0),
            fields.count("accept_delay_ms", 0, 600_000, 0),
            fields.flag("not_ready"),
            fields.flag("close_before_head"),
            fields.count("die_after_tokens", OFF, Integer.MAX_VALUE, OFF),
            fields.count("truncate_after_tokens", OFF, Integer.MAX_VALUE, OFF),
            fields.count("error_after_tokens", OFF, Integer.MAX_VALUE, OFF),
            fields.flag("stall_before_head"),
            fields.count("stall_after_tokens", OFF, Integer.MAX_VALUE, OFF),
            fields.count("fail_status", 0, 599, 0),
            fields.count("fail_delay_ms", 0, 600_000, 0),
            fields.share("probability", 1),
            fields.count("split_bytes", 0, 1 << 20, 0),
            fields.flag("split_random"),
            fields.flag("crlf"),
            fields.count("merge_frames", 0, 1 << 20, 0),
            fields.gauges("gauges"),
            fields.count("gauges_added", -1_000_000, 1_000_000, 0),
            fields.count("gauges_delay_ms", 0, 600_000, 0),
            fields.count("close_idle_ms", 0, 600_000, 0));
    fields.refuseUnknown();
    return faults;
  }

  /** One fault by its name, such as {@code SimFaults.with("die_after_tokens", 3)}. */
  public static SimFaults with(String name, Object value) {
    return of(Map.of(name, value));
  }

  /** These faults and one more. */
  public SimFaults and(String name, Object value) {
    JsonObject json = toJson().put(name, value);
    return of(json.getMap());
  }

  /** All fields, in the names that {@link #of} reads. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("refuse_ms", refuseMs)
        .put("accept_delay_ms", acceptDelayMs)
        .put("not_ready", notReady)
        .put("close_before_head", closeBeforeHead)
        .put("die_after_tokens", dieAfterTokens)
        .put("truncate_after_tokens", truncateAfterTokens)
        .put("error_after_tokens", errorAfterTokens)
        .put("stall_before_head", stallBeforeHead)
        .put("stall_after_tokens", stallAfterTokens)
        .put("fail_status", failStatus)
        .put("fail_delay_ms", failDelayMs)
        .put("probability", probability)
        .put("split_bytes", splitBytes)
        .put("split_random", splitRandom)
        .put("crlf", crlf)
        .put("merge_frames", mergeFrames)
        .put("gauges", gauges.name().toLowerCase(Locale.ROOT))
        .put("gauges_added", gaugesAdded)
        .put("gauges_delay_ms", gaugesDelayMs)
        .put("close_idle_ms", closeIdleMs);
  }

  /** The same without what strikes single requests: for those that probability spares. */
  SimFaults spared() {
    return new SimFaults(
        refuseMs,
        acceptDelayMs,
        notReady,
        false,
        OFF,
        OFF,
        OFF,
        false,
        OFF,
        0,
        0,
        probability,
        0,
        false,
        false,
        0,
        gauges,
        gaugesAdded,
        gaugesDelayMs,
        closeIdleMs);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
