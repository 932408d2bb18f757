package dev.headrace.router.scan;

/**
 * What the text of a prompt consists of, as far as it decides the number of its tokens. Immutable.
 */
public final class PromptText {
  private static final TextFeature[] FEATURES = TextFeature.values();

  /** Nothing was read: a form whose text is not known. */
  public static final PromptText UNREAD = new PromptText(new double[FEATURES.length], 0, 0, 0);

  private final double[] amounts;
  private final int textBytes;
  private final int tokenIds;
  private final int media;

  /** Keeps {@code amounts}, by {@link TextFeature#index}; nobody may change it afterwards. */
  PromptText(double[] amounts, int textBytes, int tokenIds, int media) {
    this.amounts = amounts;
    this.textBytes = textBytes;
    this.tokenIds = tokenIds;
    this.media = media;
  }

  /** How much of a feature it has. */
  public double amount(TextFeature feature) {
    return amounts[feature.index()];
  }

  /** Σ weight · amount over all features; weights by {@link TextFeature#index}. */
  public double weighted(double[] weights) {
    double sum = 0;
    for (int i = 0; i < amounts.length; i++) {
      sum += weights[i] * amounts[i];
    }
    return sum;
  }

  /** Writes all amounts, by {@link TextFeature#index}. */
  public void copyTo(double[] target) {
    System.arraycopy(amounts, 0, target, 0, amounts.length);
  }

  /** Bytes of text in UTF-8, as they stand in the body: escapes count with their length. */
  public int textBytes() {
    return textBytes;
  }

  /** Tokens that the client sent as numbers; each is exactly one. */
  public int tokenIds() {
    return tokenIds;
  }

  /** Images, sounds and files among the text. */
  public int media() {
    return media;
  }

  /** False where nothing of the prompt could be read. */
  public boolean known() {
    return textBytes > 0 || tokenIds > 0 || media > 0;
  }
}
