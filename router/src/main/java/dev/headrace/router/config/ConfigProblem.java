package dev.headrace.router.config;

import org.jspecify.annotations.Nullable;

/**
 * One mistake in the configuration, told to a person.
 *
 * @param path the key, such as {@code fleet.static[2].url}; empty for the file as a whole
 * @param value what was written, or null where it is absent or must not be shown
 * @param expected what is wrong or what was expected, without a full stop
 * @param guess what was probably meant, or null
 */
public record ConfigProblem(
    String path, Origin origin, @Nullable String value, String expected, @Nullable String guess) {

  /** One line: place, key, value, expectation, guess. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(origin).append("  ");
    if (!path.isEmpty()) {
      text.append(path);
      if (value != null) {
        text.append(" = ").append(value);
      }
      text.append("  ");
    }
    text.append(expected);
    if (guess != null) {
      text.append("; did you mean ").append(guess).append('?');
    }
    return text.toString();
  }
}
