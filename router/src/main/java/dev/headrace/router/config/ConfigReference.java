package dev.headrace.router.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The reference of all keys, written from the schema: as a YAML file that is valid and changes
 * nothing, and as a table for the documentation.
 */
public final class ConfigReference {
  private static final int WIDTH = 96;

  private ConfigReference() {}

  /** A commented YAML file that sets every default and shows every other key as a comment. */
  public static String yaml() {
    StringBuilder out = new StringBuilder();
    out.append(
        "# Every key of headrace.yaml with its default. Keys without one are commented out.\n");
    out.append("# Values may hold ${env:NAME} or ${env:NAME:-default}.\n");
    section(out, Schema.ROOT, List.of(), "", false);
    return out.toString();
  }

  /** A Markdown table: key, type, default, environment variable, meaning. */
  public static String markdown() {
    StringBuilder out = new StringBuilder();
    out.append("| key | type | default | environment | meaning |\n|---|---|---|---|---|\n");
    rows(out, Schema.ROOT, "", List.of());
    return out.toString();
  }

  private static void section(
      StringBuilder out, Shape.Section<?> section, List<String> path, String indent, boolean off) {
    for (Field<?> field : section.fields()) {
      List<String> here = append(path, field.name());
      if (path.isEmpty()) {
        out.append('\n');
      }
      comment(out, indent, field.doc());
      String facts = facts(field, here);
      if (!facts.isEmpty()) {
        comment(out, indent, facts);
      }
      entry(out, field, here, indent, off);
    }
  }

  private static void entry(
      StringBuilder out, Field<?> field, List<String> path, String indent, boolean off) {
    boolean absent = off || field.presence() != Field.Presence.ALWAYS;
    String start = indent + (absent ? "# " : "") + field.name() + ":";
    Shape<?> shape = field.shape();
    if (shape instanceof Shape.Section<?> inner) {
      out.append(start).append('\n');
      section(out, inner, path, indent + "  ", absent);
    } else if (shape instanceof Shape.Scalar<?>) {
      out.append(start)
          .append(field.byDefault() == null ? "" : " " + field.byDefault())
          .append('\n');
    } else if (shape instanceof Shape.ListOf<?> list) {
      out.append(start).append(" []\n");
      if (list.element() instanceof Shape.Section<?> inner) {
        out.append(indent).append("# each entry:\n");
        section(out, inner, path, indent + "  ", true);
      }
    } else if (shape instanceof Shape.MapOf<?> map) {
      out.append(start).append(" {}\n");
      if (map.element() instanceof Shape.Section<?> inner) {
        out.append(indent).append("# ").append(map.key()).append(":\n");
        section(out, inner, path, indent + "  ", true);
      } else {
        out.append(indent).append("# ").append(map.key()).append(": …\n");
      }
    }
  }

  private static String facts(Field<?> field, List<String> path) {
    List<String> facts = new ArrayList<>();
    if (field.shape() instanceof Shape.Scalar<?> scalar) {
      facts.add(scalar.type().name());
    }
    if (field.presence() == Field.Presence.REQUIRED) {
      facts.add("required");
    }
    String variable = EnvironmentOverrides.variable(path);
    if (variable != null) {
      facts.add("environment " + variable);
    }
    return facts.isEmpty() ? "" : "(" + String.join("; ", facts) + ")";
  }

  private static void comment(StringBuilder out, String indent, String text) {
    StringBuilder line = new StringBuilder(indent).append('#');
    for (String word : text.split(" ", -1)) {
      if (line.length() + word.length() >= WIDTH) {
        out.append(line).append('\n');
        line = new StringBuilder(indent).append('#');
      }
      line.append(' ').append(word);
    }
    out.append(line).append('\n');
  }

  private static void rows(
      StringBuilder out, Shape.Section<?> section, String shown, List<String> path) {
    for (Field<?> field : section.fields()) {
      String key = shown.isEmpty() ? field.name() : shown + "." + field.name();
      List<String> here = append(path, field.name());
      String variable = EnvironmentOverrides.variable(here);
      out.append("| `").append(key).append("` | ").append(type(field.shape())).append(" | ");
      out.append(byDefault(field)).append(" | ");
      out.append(variable == null ? "" : "`" + variable + "`").append(" | ");
      out.append(field.doc().replace("<", "\\<")).append(" |\n");
      Shape<?> shape = field.shape();
      if (shape instanceof Shape.ListOf<?> list) {
        inner(out, list.element(), key + "[]", here);
      } else if (shape instanceof Shape.MapOf<?> map) {
        inner(out, map.element(), key + "." + map.key(), here);
      } else {
        inner(out, shape, key, here);
      }
    }
  }

  private static void inner(StringBuilder out, Shape<?> shape, String key, List<String> path) {
    if (shape instanceof Shape.Section<?> section) {
      rows(out, section, key, path);
    }
  }

  private static String type(Shape<?> shape) {
    if (shape instanceof Shape.Scalar<?> scalar) {
      return scalar.type().name();
    }
    if (shape instanceof Shape.ListOf<?> list) {
      return list.element() instanceof Shape.Scalar<?> s ? "list of " + s.type().name() : "list";
    }
    if (shape instanceof Shape.MapOf<?> map) {
      return "`"
          + map.key()
          + "`: "
          + (map.element() instanceof Shape.Scalar<?> s ? s.type().name() : "section");
    }
    return "section";
  }

  private static String byDefault(Field<?> field) {
    @Nullable String text = field.byDefault();
    if (text != null) {
      return "`" + text + "`";
    }
    return field.presence() == Field.Presence.REQUIRED ? "required" : "";
  }

  private static List<String> append(List<String> path, String name) {
    List<String> result = new ArrayList<>(path);
    result.add(name);
    return List.copyOf(result);
  }
}
