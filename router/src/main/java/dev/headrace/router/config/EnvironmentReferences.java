package dev.headrace.router.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces {@code ${env:NAME}} and {@code ${env:NAME:-default}} in the file's values. What comes
 * out is not looked at again, so that a variable's content is never interpreted. Keys are not
 * touched.
 */
final class EnvironmentReferences {
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*)}");
  private static final Pattern NAMED =
      Pattern.compile("env:([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", Pattern.DOTALL);

  private final Map<String, String> environment;
  private final List<ConfigProblem> problems;

  EnvironmentReferences(Map<String, String> environment, List<ConfigProblem> problems) {
    this.environment = environment;
    this.problems = problems;
  }

  Node.Mapping resolve(Node.Mapping root) {
    return mapping(root, "");
  }

  private Node resolve(Node node, String path) {
    if (node instanceof Node.Mapping mapping) {
      return mapping(mapping, path);
    }
    if (node instanceof Node.Sequence sequence) {
      List<Node> items = new ArrayList<>();
      for (int i = 0; i < sequence.items().size(); i++) {
        items.add(resolve(sequence.items().get(i), ConfigPath.item(path, i)));
      }
      return new Node.Sequence(items, sequence.origin());
    }
    return node instanceof Node.Text text ? text(text, path) : node;
  }

  private Node.Mapping mapping(Node.Mapping mapping, String path) {
    Map<String, Node.Entry> entries = new LinkedHashMap<>();
    mapping
        .entries()
        .forEach(
            (key, entry) ->
                entries.put(
                    key,
                    new Node.Entry(
                        entry.origin(), resolve(entry.value(), ConfigPath.child(path, key)))));
    return new Node.Mapping(entries, mapping.origin());
  }

  private Node text(Node.Text text, String path) {
    Matcher matcher = REFERENCE.matcher(text.written());
    StringBuilder value = new StringBuilder();
    boolean sound = true;
    while (matcher.find()) {
      Matcher named = NAMED.matcher(matcher.group(1));
      String found = null;
      if (!named.matches()) {
        report(text, path, "holds a ${…} that is no reference; expected ${env:NAME}");
      } else {
        found = environment.get(named.group(1));
        if (found == null) {
          found = named.group(2);
        }
        if (found == null) {
          report(
              text,
              path,
              "needs the environment variable "
                  + named.group(1)
                  + ", which is not set: set it, or write ${env:"
                  + named.group(1)
                  + ":-default}");
        }
      }
      sound &= found != null;
      matcher.appendReplacement(value, Matcher.quoteReplacement(found == null ? "" : found));
    }
    matcher.appendTail(value);
    // A broken reference is one mistake, not two: what stands there is not judged further.
    return sound
        ? new Node.Text(text.written(), value.toString(), text.origin())
        : new Node.Broken(text.origin());
  }

  private void report(Node.Text text, String path, String expected) {
    problems.add(new ConfigProblem(path, text.origin(), null, expected, null));
  }
}
