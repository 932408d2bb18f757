package dev.headrace.router.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a part of the file may look like, and what becomes of it. The schema is made of shapes;
 * reading, the reference and the names of environment variables all come from them.
 */
sealed interface Shape<T> {

  /** The value, or null when it could not be read and that was reported. */
  @Nullable T read(Node node, String path, Reading reading);

  /** For "expected …". */
  String noun();

  private static void refuse(Shape<?> shape, Node node, String path, Reading reading, String hint) {
    if (node instanceof Node.Broken) {
      reading.failed();
    } else {
      reading.problem(path, node.origin(), null, "expected " + shape.noun() + hint, null);
    }
  }

  /** One text. */
  record Scalar<T>(ValueType<T> type) implements Shape<T> {
    @Override
    public @Nullable T read(Node node, String path, Reading reading) {
      if (!(node instanceof Node.Text text)) {
        refuse(this, node, path, reading, node instanceof Node.Empty ? "; it is empty" : "");
        return null;
      }
      try {
        if (text.value().isEmpty()) {
          throw new ValueType.Unfit("expected " + noun() + "; it is empty");
        }
        T value = type.reader().read(text.value());
        reading.found(path, type, text, value);
        return value;
      } catch (ValueType.Unfit unfit) {
        reading.problem(
            path,
            text.origin(),
            Reading.show(type, text.written()),
            unfit.expected(),
            unfit.guess());
        return null;
      }
    }

    @Override
    public String noun() {
      return type.name();
    }
  }

  /** A list of things of one shape. */
  record ListOf<T>(Shape<T> element) implements Shape<List<T>> {
    @Override
    public @Nullable List<T> read(Node node, String path, Reading reading) {
      if (node instanceof Node.Empty) {
        return List.of();
      }
      if (!(node instanceof Node.Sequence sequence)) {
        refuse(this, node, path, reading, ", such as [a, b]");
        return null;
      }
      List<T> items = new ArrayList<>();
      for (int i = 0; i < sequence.items().size(); i++) {
        T item = element.read(sequence.items().get(i), ConfigPath.item(path, i), reading);
        if (item != null) {
          items.add(item);
        }
      }
      return items;
    }

    @Override
    public String noun() {
      return "a list";
    }
  }

  /**
   * Things of one shape under names that the writer chooses.
   *
   * @param key what the names are, for the reference
   */
  record MapOf<T>(String key, Shape<T> element) implements Shape<Map<String, T>> {
    @Override
    public @Nullable Map<String, T> read(Node node, String path, Reading reading) {
      if (node instanceof Node.Empty) {
        return Map.of();
      }
      if (!(node instanceof Node.Mapping mapping)) {
        refuse(this, node, path, reading, "");
        return null;
      }
      Map<String, T> values = new LinkedHashMap<>();
      mapping
          .entries()
          .forEach(
              (name, entry) -> {
                T value = element.read(entry.value(), ConfigPath.child(path, name), reading);
                if (value != null) {
                  values.put(name, value);
                }
              });
      return values;
    }

    @Override
    public String noun() {
      return "entries of the form '" + key + ": …'";
    }
  }

  /** Known keys; any other is a mistake. */
  record Section<T>(List<Field<?>> fields, Function<Values, T> assemble) implements Shape<T> {
    public Section {
      fields = List.copyOf(fields);
    }

    @Override
    public @Nullable T read(Node node, String path, Reading reading) {
      Node.Mapping mapping;
      if (node instanceof Node.Mapping written) {
        mapping = written;
      } else if (node instanceof Node.Empty) {
        mapping = Node.Mapping.empty(node.origin());
      } else {
        refuse(this, node, path, reading, "");
        return null;
      }
      int failures = reading.failures();
      List<String> names = fields.stream().map(Field::name).toList();
      mapping
          .entries()
          .forEach(
              (key, entry) -> {
                if (!names.contains(key)) {
                  reading.problem(
                      ConfigPath.child(path, key),
                      entry.origin(),
                      null,
                      "is not a known key; expected one of " + String.join(", ", names),
                      Guess.among(key, names));
                }
              });
      Values values = new Values();
      for (Field<?> field : fields) {
        values.put(field, field.read(mapping, path, reading));
      }
      return reading.failures() == failures ? assemble.apply(values) : null;
    }

    @Override
    public String noun() {
      List<String> names = fields.stream().map(Field::name).toList();
      return "keys among " + String.join(", ", names);
    }
  }
}
