package dev.headrace.router.admission;

import java.util.Locale;

/** Why a request may not wait, or not any longer. */
public enum Refusal {
  /** The line is as long as it may be. */
  FULL,
  /** It was full, and a more urgent one, or one of a smaller tenant, came. */
  DISPLACED,
  /** It waited as long as it may. */
  WAIT,
  /** Its first token cannot come in time any more. */
  DEADLINE,
  /** No worker is left that could take it. */
  NO_WORKER,
  /** The router stops. */
  SHUTDOWN;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The label of meters. */
  public String label() {
    return label;
  }
}
