package dev.headrace.router.config;

/**
 * Where a setting was written: a file with a line, an environment variable or an option.
 *
 * @param name the file's name, the variable's name or the option
 * @param line from 1, or 0 where lines mean nothing
 */
public record Origin(String name, int line) {

  /** A value that nobody wrote. */
  public static final Origin DEFAULT = new Origin("default", 0);

  public static Origin of(String name) {
    return new Origin(name, 0);
  }

  @Override
  public String toString() {
    return line > 0 ? name + ":" + line : name;
  }
}
