package dev.headrace.app.console;

import java.io.Console;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Emphasis by escape sequences, on a terminal only: elsewhere, with {@code NO_COLOR} set, or on a
 * dumb terminal, texts stay as they are.
 */
public final class Style {
  private static final String RESET = "\u001b[0m";
  private final boolean colours;
  private final boolean terminal;

  private Style(boolean terminal, boolean colours) {
    this.terminal = terminal;
    this.colours = colours;
  }

  /** No emphasis, as for a file or a pipe. */
  public static Style plain() {
    return new Style(false, false);
  }

  /** As standard output is; the launcher tells, since Java 17 cannot ask for it alone. */
  public static Style ofStandardOutput() {
    return of(System.getenv(), System.getProperty("headrace.terminal"), System.console());
  }

  static Style of(
      Map<String, String> environment, @Nullable String told, @Nullable Console console) {
    boolean terminal = told == null ? console != null : told.equals("true");
    boolean wanted =
        environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    return new Style(terminal, terminal && wanted);
  }

  /** True when a person looks at the output as it appears. */
  public boolean terminal() {
    return terminal;
  }

  public String strong(String text) {
    return wrap("\u001b[1m", text);
  }

  public String quiet(String text) {
    return wrap("\u001b[2m", text);
  }

  public String good(String text) {
    return wrap("\u001b[32m", text);
  }

  public String bad(String text) {
    return wrap("\u001b[31m", text);
  }

  public String accent(String text) {
    return wrap("\u001b[36m", text);
  }

  private String wrap(String sequence, String text) {
    return colours ? sequence + text + RESET : text;
  }
}
