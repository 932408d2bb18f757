package dev.headrace.loadtest.plan;

import java.util.Locale;

/** An endpoint of the OpenAI API that can be measured. */
public enum BenchEndpoint {
  CHAT("/v1/chat/completions", true),
  COMPLETIONS("/v1/completions", true),
  EMBEDDINGS("/v1/embeddings", false);

  private final String path;
  private final boolean generates;

  BenchEndpoint(String path, boolean generates) {
    this.path = path;
    this.generates = generates;
  }

  public String path() {
    return path;
  }

  /** Whether it answers with generated tokens, and so can stream them. */
  public boolean generates() {
    return generates;
  }

  /** The word of the command line and of the result. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
