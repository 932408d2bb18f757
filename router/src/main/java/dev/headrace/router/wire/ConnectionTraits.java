package dev.headrace.router.wire;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How one worker treats connections that are kept open, as far as it told or was seen doing. A
 * smaller bound that was seen wins over what a header promises. Pure; confined to one event loop.
 *
 * <p>uvicorn (vLLM, SGLang, TensorRT-LLM) and cpp-httplib (llama-server) close what was idle for 5
 * s; cpp-httplib also closes after 100 requests, and without a word after each event stream.
 */
final class ConnectionTraits {
  /** Until the worker tells more: below the 5 s of the usual servers. */
  static final long USUAL_IDLE = TimeUnit.SECONDS.toNanos(4);

  private static final long LONGEST_IDLE = TimeUnit.SECONDS.toNanos(60);
  private static final long SHORTEST_IDLE = TimeUnit.MILLISECONDS.toNanos(50);

  /** A close this soon after an answer belongs to that answer. */
  static final long AT_ONCE = TimeUnit.MILLISECONDS.toNanos(250);

  /**
   * Of so many connections that would be let go for what was seen, one is kept all the same, to see
   * whether that still holds: a worker that is stopped closes at any count, too.
   */
  private static final int TRIAL = 64;

  private long promisedIdle = USUAL_IDLE;
  private long seenIdle = Long.MAX_VALUE;
  private int promisedRequests = Integer.MAX_VALUE;
  private int seenRequests = Integer.MAX_VALUE;
  private boolean closesAfterStream;
  private int streamsSince;
  private int countsSince;

  /** Reads {@code Keep-Alive: timeout=5, max=100}, or null. */
  void told(@Nullable String keepAlive) {
    if (keepAlive == null) {
      return;
    }
    for (String part : keepAlive.split(",", -1)) {
      String[] pair = part.trim().split("=", 2);
      if (pair.length == 2 && pair[1].matches("\\d{1,6}")) {
        int number = Integer.parseInt(pair[1]);
        if (pair[0].equalsIgnoreCase("timeout")) {
          long nanos = TimeUnit.SECONDS.toNanos(number);
          promisedIdle = Math.min(LONGEST_IDLE, nanos - Math.min(nanos / 5, USUAL_IDLE / 4));
        } else if (pair[0].equalsIgnoreCase("max") && number > 0) {
          promisedRequests = number;
        }
      }
    }
  }

  /**
   * The worker closed a connection between two requests.
   *
   * @param idleNanos since its last answer
   * @param served answers on it, at least 1
   * @param stream the last of them was an event stream
   */
  void closedByWorker(long idleNanos, int served, boolean stream) {
    if (idleNanos > AT_ONCE) {
      seenIdle = Math.max(SHORTEST_IDLE, Math.min(seenIdle, idleNanos - idleNanos / 5));
    } else if (stream) {
      closesAfterStream = true;
      streamsSince = 0;
    } else if (served > 1) {
      seenRequests = Math.min(seenRequests, served);
      countsSince = 0;
    }
  }

  /**
   * A kept connection gave another answer.
   *
   * @param served answers on it before
   * @param stream the last of them was an event stream
   */
  void servedOn(int served, boolean stream) {
    if (stream) {
      closesAfterStream = false;
    }
    if (served >= seenRequests) {
      seenRequests = Integer.MAX_VALUE;
    }
  }

  /** True when a connection may be kept after an answer. */
  boolean keeps(int served, boolean stream) {
    if (served >= promisedRequests || (served >= seenRequests && ++countsSince % TRIAL != 0)) {
      return false;
    }
    return !stream || !closesAfterStream || ++streamsSince % TRIAL == 0;
  }

  /** How long a connection may be idle before it is not used any more. */
  long idleNanos() {
    return Math.min(promisedIdle, seenIdle);
  }
}
