package dev.headrace.router.balance;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What finished requests taught of a model: how many tokens a byte of prompt is, and how long
 * answers are. From it comes what to expect of the next one. No tokenizer is needed, since each
 * answer's {@code usage} calibrates.
 *
 * <pre>
 * prompt tokens = r · prompt bytes,      r: mean of tokens per byte, weighted by tokens
 * output tokens = min(max_tokens, ō),    ō: mean output
 * </pre>
 *
 * <p>Means forget with a weight of {@value #KEEP} per request. Any thread; two updates at the same
 * instant may lose one, which a mean does not mind. Bounded by the models that the fleet serves.
 */
public final class RequestBook {
  private static final double KEEP = 0.98;
  private static final double FIRST_TOKENS_PER_BYTE = 0.25;
  private static final double FIRST_OUTPUT = 200;

  /** Sums of one model, immutable, so that readers see tokens and bytes of the same moment. */
  private record Sums(double promptTokens, double promptBytes, double output, double requests) {
    static final Sums FIRST = new Sums(FIRST_TOKENS_PER_BYTE * 1000, 1000, FIRST_OUTPUT, 1);

    Sums plus(double tokens, double bytes, double out) {
      return new Sums(
          KEEP * promptTokens + tokens,
          KEEP * promptBytes + bytes,
          KEEP * output + out,
          KEEP * requests + 1);
    }
  }

  private final Map<String, Sums> byModel = new ConcurrentHashMap<>();

  /**
   * What to expect of a request.
   *
   * @param promptBytes bytes of its prompt, at least 0
   * @param maxTokens the largest output that the client allows, or below 0: no limit
   */
  public Demand expect(String model, long promptBytes, long maxTokens) {
    Sums sums = byModel.getOrDefault(model, Sums.FIRST);
    double prompt = (double) promptBytes * sums.promptTokens / sums.promptBytes;
    double output = sums.output / sums.requests;
    if (maxTokens >= 0) {
      output = Math.min(output, (double) maxTokens);
    }
    return new Demand(Math.max(1, prompt), Math.max(1, output));
  }

  /**
   * Learns from a request that ended well; numbers below 0 are not known, and nothing is learned
   * then.
   */
  public void learn(String model, long promptBytes, long promptTokens, long outputTokens) {
    if (promptBytes > 0 && promptTokens > 0 && outputTokens >= 0) {
      byModel.merge(
          model,
          Sums.FIRST.plus((double) promptTokens, (double) promptBytes, (double) outputTokens),
          (old, first) ->
              old.plus((double) promptTokens, (double) promptBytes, (double) outputTokens));
    }
  }
}
