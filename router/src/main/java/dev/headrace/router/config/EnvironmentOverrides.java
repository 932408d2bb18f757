package dev.headrace.router.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The environment variables that stand over the file: {@code HEADRACE_} and the key's path in
 * capitals, such as {@code HEADRACE_ADMIN_LISTEN} for {@code admin.listen}. Every key has one that
 * is neither inside a list nor below a name that the writer chooses; lists are separated by commas.
 */
final class EnvironmentOverrides {
  private static final Map<String, Target> TARGETS = new LinkedHashMap<>();

  static {
    collect(Schema.ROOT, List.of());
  }

  private record Target(List<String> path, boolean list) {}

  private EnvironmentOverrides() {}

  /** The variable that sets the key at this path, or null when none does. */
  static @Nullable String variable(List<String> path) {
    String name = name(path);
    return TARGETS.containsKey(name) ? name : null;
  }

  /** The tree with the variables' values over it. An empty variable counts as not set. */
  static Node.Mapping apply(Node.Mapping root, Map<String, String> environment) {
    Node.Mapping result = root;
    for (Map.Entry<String, Target> entry : TARGETS.entrySet()) {
      String value = environment.getOrDefault(entry.getKey(), "");
      if (!value.isEmpty()) {
        Origin origin = Origin.of(entry.getKey());
        result = result.with(entry.getValue().path(), node(value, entry.getValue().list(), origin));
      }
    }
    return result;
  }

  private static Node node(String value, boolean list, Origin origin) {
    if (!list) {
      return Node.Text.of(value, origin);
    }
    List<Node> items = new ArrayList<>();
    for (String item : value.split(",", -1)) {
      items.add(Node.Text.of(item.trim(), origin));
    }
    return new Node.Sequence(items, origin);
  }

  private static void collect(Shape.Section<?> section, List<String> path) {
    for (Field<?> field : section.fields()) {
      List<String> below = new ArrayList<>(path);
      below.add(field.name());
      Shape<?> shape = field.shape();
      if (shape instanceof Shape.Section<?> inner) {
        collect(inner, below);
      } else if (shape instanceof Shape.Scalar<?>) {
        TARGETS.put(name(below), new Target(below, false));
      } else if (shape instanceof Shape.ListOf<?> list
          && list.element() instanceof Shape.Scalar<?>) {
        TARGETS.put(name(below), new Target(below, true));
      }
    }
  }

  private static String name(List<String> path) {
    return ("HEADRACE_" + String.join("_", path)).toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
