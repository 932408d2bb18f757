package dev.headrace.router.limit;

import java.util.Locale;

/** What is limited. */
public enum LimitKind {
  /** Requests per minute. */
  REQUESTS,
  /** Tokens per minute, prompt and output. */
  TOKENS,
  /** Requests at the same time. */
  CONCURRENCY;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The {@code type} of OpenAI's error form, and the label of meters. */
  public String label() {
    return label;
  }
}
