package dev.headrace.router.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What one pass over a tree gathers: mistakes, values found, settings to show. One thread. */
final class Reading {
  private static final Pattern USER_INFO = Pattern.compile("//[^/@\\s]*@");
  private static final Pattern QUERY = Pattern.compile("(//.*)\\?.*");

  private final List<ConfigProblem> problems;
  private final List<EffectiveSetting> settings = new ArrayList<>();
  private final Map<String, Object> values = new HashMap<>();
  private final Path folder;
  private int failures;

  /**
   * @param problems where mistakes are added
   * @param folder what relative paths in the file are relative to
   */
  Reading(List<ConfigProblem> problems, Path folder) {
    this.problems = problems;
    this.folder = folder;
  }

  Path folder() {
    return folder;
  }

  List<EffectiveSetting> settings() {
    return settings;
  }

  /** Grows with each value that could not be read, reported now or earlier. */
  int failures() {
    return failures;
  }

  void failed() {
    failures++;
  }

  void problem(
      String path, Origin origin, @Nullable String shown, String expected, @Nullable String guess) {
    failures++;
    problems.add(new ConfigProblem(path, origin, shown, expected, guess));
  }

  void found(String path, ValueType<?> type, Node.Text text, Object value) {
    values.put(path, value);
    settings.add(new EffectiveSetting(path, show(type, text.written()), text.origin()));
  }

  /** The value at a path, when it was there or had a default, and could be read. */
  <T> @Nullable T value(String path, Class<T> type) {
    Object value = values.get(path);
    return type.isInstance(value) ? type.cast(value) : null;
  }

  /** The text as a person may see it. */
  static String show(ValueType<?> type, String written) {
    if (type.hidden()) {
      return "***";
    }
    String shown = USER_INFO.matcher(written).replaceAll("//***@");
    return ConfigPath.printable(QUERY.matcher(shown).replaceAll("$1?***"));
  }
}
