package dev.headrace.loadtest.plan;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A length in tokens: uniform within {@code mean} plus or minus {@code spread} of it.
 *
 * @param mean at least 1
 * @param spread fraction of the mean, from 0 to 1
 */
public record LengthLaw(int mean, double spread) {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,7})(?:\\s*(?:\\+-|±|~)\\s*(\\d{1,3}(?:\\.\\d+)?)\\s*%)?");

  public LengthLaw {
    if (mean < 1) {
      throw new IllegalArgumentException("a length is at least 1 token, not " + mean);
    }
    if (!(spread >= 0 && spread <= 1)) {
      throw new IllegalArgumentException("a spread is from 0 to 100 %, not " + spread * 100 + " %");
    }
  }

  public static LengthLaw exactly(int tokens) {
    return new LengthLaw(tokens, 0);
  }

  /**
   * Reads {@code 256}, {@code 256+-20%} or {@code 256±20%}.
   *
   * @throws IllegalArgumentException with a clear message
   */
  public static LengthLaw parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "expected a number of tokens such as 256 or 256+-20%, not '" + text + "'");
    }
    String percent = matcher.group(2);
    return new LengthLaw(
        Integer.parseInt(matcher.group(1)),
        percent == null ? 0 : Double.parseDouble(percent) / 100);
  }

  /** A length of at least 1. */
  public int sample(SplittableRandom random) {
    int reach = (int) Math.round(mean * spread);
    // Drawn even when there is nothing to choose, so that a spread does not shift later draws.
    int offset = random.nextInt(2 * reach + 1) - reach;
    return Math.max(1, mean + offset);
  }

  @Override
  public String toString() {
    if (spread == 0) {
      return Integer.toString(mean);
    }
    BigDecimal percent = BigDecimal.valueOf(Math.round(spread * 1000), 1).stripTrailingZeros();
    return mean + "+-" + percent.toPlainString() + "%";
  }
}
