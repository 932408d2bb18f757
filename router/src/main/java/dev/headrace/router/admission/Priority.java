package dev.headrace.router.admission;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How urgent a request is, most urgent first. */
public enum Priority {
  HIGH,
  MEDIUM,
  LOW;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The word that clients write, and the label of meters. */
  public String label() {
    return label;
  }

  /** The class that this word names in any case, or null when it names none. */
  public static @Nullable Priority of(@Nullable String word) {
    if (word != null) {
      for (Priority priority : values()) {
        if (priority.label.equalsIgnoreCase(word)) {
          return priority;
        }
      }
    }
    return null;
  }

  /** What the header says, else what the body says, else {@link #MEDIUM}. */
  public static Priority told(@Nullable String header, @Nullable String body) {
    return told(header, body, null);
  }

  /**
   * What the header says, else what the body says, but nothing above what the key may have; else
   * that of the key.
   *
   * @param key null: the key has no class, everything may be named, and {@link #MEDIUM} holds
   */
  public static Priority told(
      @Nullable String header, @Nullable String body, @Nullable Priority key) {
    Priority first = of(header);
    Priority named = first == null ? of(body) : first;
    Priority most = key == null ? HIGH : key;
    if (named == null) {
      return key == null ? MEDIUM : key;
    }
    return named.compareTo(most) < 0 ? most : named;
  }
}
