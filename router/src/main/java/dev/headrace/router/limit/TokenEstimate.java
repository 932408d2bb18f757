package dev.headrace.router.limit;

/**
 * The tokens that a request is expected to use, and what it is charged with when it ends. Pure.
 *
 * @param prompt at least 0
 * @param output at least 0
 */
public record TokenEstimate(long prompt, long output) {
  /** For requests that use none. */
  public static final TokenEstimate NONE = new TokenEstimate(0, 0);

  /** How far a request came. */
  public enum Ended {
    /** It got its whole answer. */
    WHOLE,
    /** It was given up, by no fault of the worker that had it. */
    GIVEN_UP,
    /** No worker had it, or the worker failed it. */
    UNSERVED
  }

  public long total() {
    return prompt + output;
  }

  /**
   * What was used: as the worker told it, or as it was seen on the way. What neither tells is taken
   * as expected, as far as it can have been used.
   *
   * @param stream the output was seen while it came
   * @param toldPrompt below 0: not told
   * @param toldOutput told or seen; below 0: neither
   */
  public long used(Ended ended, boolean stream, long toldPrompt, long toldOutput) {
    boolean known = toldPrompt >= 0 || toldOutput > 0;
    if (!known && ended == Ended.UNSERVED) {
      return 0;
    }
    long in = toldPrompt >= 0 ? toldPrompt : prompt;
    boolean unseen = toldOutput < 0 && !stream && ended != Ended.UNSERVED;
    return in + (unseen ? output : Math.max(0, toldOutput));
  }
}
