package dev.headrace.router.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was written, before anybody asked what it means: a tree of texts that know where they stand.
 * Immutable.
 */
sealed interface Node {

  Origin origin();

  /**
   * A scalar.
   *
   * @param written the text as it stands in its place, references unresolved: what may be shown
   * @param value the text after resolving
   */
  record Text(String written, String value, Origin origin) implements Node {
    static Text of(String text, Origin origin) {
      return new Text(text, text, origin);
    }
  }

  /** A key without a value. */
  record Empty(Origin origin) implements Node {}

  /** Something already reported; it stands for any value, so that it is reported only once. */
  record Broken(Origin origin) implements Node {}

  /** A list. */
  record Sequence(List<Node> items, Origin origin) implements Node {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /** Keys in the order of the file. */
  record Mapping(Map<String, Entry> entries, Origin origin) implements Node {

    static Mapping empty(Origin origin) {
      return new Mapping(Map.of(), origin);
    }

    @Nullable Node get(String key) {
      Entry entry = entries.get(key);
      return entry == null ? null : entry.value();
    }

    /** A copy with the node at the path; what is in the way and no mapping stays as it is. */
    Mapping with(List<String> path, Node node) {
      String key = path.get(0);
      Entry before = entries.get(key);
      Node value;
      if (path.size() == 1) {
        value = node;
      } else if (before == null || before.value() instanceof Empty) {
        value = empty(node.origin()).with(path.subList(1, path.size()), node);
      } else if (before.value() instanceof Mapping mapping) {
        value = mapping.with(path.subList(1, path.size()), node);
      } else {
        return this;
      }
      Map<String, Entry> copy = new LinkedHashMap<>(entries);
      copy.put(key, new Entry(before == null ? node.origin() : before.origin(), value));
      return new Mapping(copy, origin);
    }
  }

  /** One key of a mapping with its place. */
  record Entry(Origin origin, Node value) {}
}
