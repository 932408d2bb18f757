package dev.headrace.router.balance;

import dev.headrace.router.scan.PromptText;
import dev.headrace.router.scan.ScannedRequest;
import dev.headrace.worker.Endpoint;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What finished requests taught: how many tokens a prompt is to a model ({@link TokenEstimator}),
 * and how long answers are ({@link OutputLengths}). From it comes what to expect of the next one.
 * No tokenizer is needed, since each answer's {@code usage} calibrates.
 *
 * <p>Any thread. Bounded by {@link #keepOnly}, and as {@link OutputLengths} says.
 */
public final class RequestBook {
  /** More alternatives than this are no honest wish. */
  private static final long MOST_CHOICES = 128;

  private static final TokenEstimator UNTAUGHT = new TokenEstimator();

  private final Map<String, TokenEstimator> prompts = new ConcurrentHashMap<>();
  private final OutputLengths outputs = new OutputLengths();

  /** What to expect of a request. */
  public Demand expect(Origin origin, ScannedRequest request) {
    return new Demand(
        promptTokens(origin.model(), request.text(), request.promptBytes()),
        outputs.expect(origin, request.maxTokens()) * (double) choices(request));
  }

  /**
   * What to expect of a request of which only the size is known.
   *
   * @param promptBytes bytes of its prompt, at least 0
   * @param maxTokens the largest output that the client allows, or below 0: no limit
   */
  public Demand expect(String model, long promptBytes, long maxTokens) {
    return new Demand(
        promptTokens(model, PromptText.UNREAD, promptBytes),
        outputs.expect(Origin.of(model), maxTokens));
  }

  private double promptTokens(String model, PromptText text, long bytes) {
    return prompts.getOrDefault(model, UNTAUGHT).expect(text, bytes);
  }

  /**
   * Learns from a request that ended well; numbers below 0 are not known.
   *
   * @param promptTokens input tokens as the engine counted them
   * @param outputTokens of all choices together
   * @param cachedTokens input tokens that the engine had in its prefix cache
   */
  public void learn(
      Origin origin,
      ScannedRequest request,
      long promptTokens,
      long outputTokens,
      long cachedTokens) {
    if (countsAll(origin, promptTokens, cachedTokens)) {
      learnPrompt(origin.model(), request.text(), request.promptBytes(), promptTokens);
    }
    if (outputTokens >= 0) {
      outputs.learn(origin, outputTokens / choices(request), request.maxTokens());
    }
  }

  /**
   * Whether the count is of the whole prompt. In Anthropic's form cached tokens are counted apart,
   * but not every engine that speaks it does so.
   */
  public static boolean countsAll(Origin origin, long promptTokens, long cachedTokens) {
    boolean apart =
        origin.endpoint() != null && origin.endpoint().dialect() == Endpoint.Dialect.ANTHROPIC;
    return promptTokens > 0 && cachedTokens <= (apart ? 0 : promptTokens);
  }

  /** The same, of a request of which only the size is known. */
  public void learn(String model, long promptBytes, long promptTokens, long outputTokens) {
    if (promptBytes > 0 && promptTokens > 0 && outputTokens >= 0) {
      learnPrompt(model, PromptText.UNREAD, promptBytes, promptTokens);
      outputs.learn(Origin.of(model), outputTokens, -1);
    }
  }

  /** Forgets other models. */
  public void keepOnly(Set<String> models) {
    prompts.keySet().retainAll(models);
    outputs.keepOnly(models);
  }

  /** How many models it knows. */
  public int models() {
    return Math.max(prompts.size(), outputs.models());
  }

  private void learnPrompt(String model, PromptText text, long bytes, long tokens) {
    TokenEstimator known = prompts.get(model);
    TokenEstimator estimator =
        known == null ? prompts.computeIfAbsent(model, name -> new TokenEstimator()) : known;
    estimator.learn(text, bytes, tokens);
  }

  private static long choices(ScannedRequest request) {
    return Math.max(1, Math.min(MOST_CHOICES, request.choices()));
  }
}
