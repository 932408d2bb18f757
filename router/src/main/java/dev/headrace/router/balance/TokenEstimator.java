package dev.headrace.router.balance;

import dev.headrace.router.scan.PromptText;
import dev.headrace.router.scan.TextFeature;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many tokens a prompt is to one model, without its tokenizer: a linear form of what the text
 * consists of, calibrated by the {@code usage} of each answer.
 *
 * <pre>
 * tokens = θ · features + token ids + M · media        where the text was read
 * tokens = r · bytes                                   where it was not
 * </pre>
 *
 * <p>θ: {@link TokenFit}; M: mean of what an image, a sound or a file costs, learned from what the
 * text does not explain; r: mean of tokens per byte, weighted by tokens.
 *
 * <p>Answers that cannot be true teach nothing; those far from the estimate, such as a prompt that
 * the engine cut, teach little. Any thread: readers see the coefficients of one moment; of two that
 * learn at the same instant one gives way, so nobody waits. Memory is constant.
 */
final class TokenEstimator {
  /** A byte is a token at most; engines may put a long system prompt of their own before it. */
  private static final double MOST_PER_BYTE = 1.25;

  private static final double MOST_ADDED = 4096;
  private static final double MOST_PER_MEDIUM = 16_384;
  private static final double LEAST_OF_ESTIMATE = 0.05;

  /**
   * Error up to which an answer is trusted wholly, once the model is known a little; twice the
   * error that is usual of late where that is more, so that a new tokenizer is soon believed.
   */
  private static final double TRUSTED_ERROR = 0.25;

  private static final double MOST_ERROR = 2;
  private static final double KEEP_ERROR = 0.9;

  private static final int FIRST_ANSWERS = 10;

  /**
   * After so many answers a model is known: from then on one in {@value #ONE_IN} teaches, and each
   * that is off its estimate, since an observation costs more than an estimate.
   */
  private static final int KNOWN = 200;

  private static final int ONE_IN = 8;
  private static final double NOTABLE_ERROR = 0.05;
  private static final double KEEP = 0.98;
  private static final double KEEP_MEDIA = 0.9;

  /** Sums immutable, so that readers see tokens and bytes of the same moment. */
  private record PerByte(double tokens, double bytes) {
    double ratio() {
      return tokens / bytes;
    }
  }

  private final ReentrantLock learning = new ReentrantLock();
  private final TokenFit fit = new TokenFit();
  private final double[] amounts = new double[TextFeature.values().length];
  private long answers;
  private double usualError;
  private volatile double[] coefficients = TokenFit.prior();
  private volatile double perMedium = 700;
  private volatile PerByte perByte = new PerByte(250, 1000);

  /**
   * The expected number of prompt tokens, at least 1.
   *
   * @param bytes of the prompt, used where its text was not read
   */
  double expect(PromptText text, long bytes) {
    if (!text.known()) {
      return Math.max(1, (double) bytes * perByte.ratio());
    }
    return Math.max(1, ofText(text) + perMedium * text.media());
  }

  private double ofText(PromptText text) {
    return text.weighted(coefficients) + text.tokenIds();
  }

  /**
   * Learns from an answer.
   *
   * @param tokens prompt tokens as the engine counted them; 0 or less: it did not tell
   */
  void learn(PromptText text, long bytes, long tokens) {
    if (tokens <= 0 || !learning.tryLock()) {
      return;
    }
    try {
      if (text.media() > 0) {
        learnMedia(text, (double) tokens);
        return;
      }
      boolean known = text.known();
      double expected = expect(text, bytes);
      double read = known ? text.textBytes() + text.tokenIds() : (double) bytes;
      if (tokens > MOST_PER_BYTE * read + MOST_ADDED || tokens < LEAST_OF_ESTIMATE * expected) {
        return;
      }
      if (known) {
        learnText(text, (double) tokens, expected);
      }
      if (bytes > 0 && tokens <= 4 * bytes) {
        PerByte old = perByte;
        perByte =
            new PerByte(KEEP * old.tokens + (double) tokens, KEEP * old.bytes + (double) bytes);
      }
    } finally {
      learning.unlock();
    }
  }

  private void learnText(PromptText text, double tokens, double expected) {
    double error = Math.max(tokens / expected, expected / tokens) - 1;
    double trusted = Math.max(TRUSTED_ERROR, 2 * usualError);
    double trust = answers < FIRST_ANSWERS ? 1 : Math.min(1, trusted / error);
    double rest = tokens - text.tokenIds();
    if (rest <= 0) {
      return;
    }
    answers++;
    usualError = KEEP_ERROR * usualError + (1 - KEEP_ERROR) * Math.min(error, MOST_ERROR);
    if (answers > KNOWN && answers % ONE_IN != 0 && error < NOTABLE_ERROR) {
      return;
    }
    text.copyTo(amounts);
    fit.observe(amounts, rest, Math.max(rest, expected), trust);
    coefficients = fit.coefficients();
  }

  private void learnMedia(PromptText text, double tokens) {
    double each = (tokens - ofText(text)) / text.media();
    if (each > 0 && each <= MOST_PER_MEDIUM) {
      perMedium = KEEP_MEDIA * perMedium + (1 - KEEP_MEDIA) * each;
    }
  }
}
