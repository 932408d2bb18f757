package dev.headrace.router.config;

import org.jspecify.annotations.Nullable;

/**
 * One key of a section.
 *
 * @param byDefault the text that holds when nobody wrote one, or null
 * @param doc what it does, one or two sentences for the reference
 */
record Field<T>(
    String name, Shape<T> shape, @Nullable String byDefault, Presence presence, String doc) {

  /** What it means when the key is not there. */
  enum Presence {
    /** A mistake. */
    REQUIRED,
    /** No value. */
    OPTIONAL,
    /** The same as an empty section, map or list, or the default text. */
    ALWAYS
  }

  static <T> Field<T> of(String name, ValueType<T> type, String byDefault, String doc) {
    return new Field<>(name, new Shape.Scalar<>(type), byDefault, Presence.ALWAYS, doc);
  }

  static <T> Field<T> required(String name, ValueType<T> type, String doc) {
    return new Field<>(name, new Shape.Scalar<>(type), null, Presence.REQUIRED, doc);
  }

  static <T> Field<T> optional(String name, ValueType<T> type, String doc) {
    return new Field<>(name, new Shape.Scalar<>(type), null, Presence.OPTIONAL, doc);
  }

  static <T> Field<T> optional(String name, Shape<T> shape, String doc) {
    return new Field<>(name, shape, null, Presence.OPTIONAL, doc);
  }

  static <T> Field<T> always(String name, Shape<T> shape, String doc) {
    return new Field<>(name, shape, null, Presence.ALWAYS, doc);
  }

  @Nullable T read(Node.Mapping parent, String parentPath, Reading reading) {
    String path = ConfigPath.child(parentPath, name);
    Node node = parent.get(name);
    if (presence == Presence.OPTIONAL && node instanceof Node.Text text && text.value().isEmpty()) {
      return null;
    }
    if (node != null) {
      return shape.read(node, path, reading);
    }
    if (byDefault != null) {
      return shape.read(Node.Text.of(byDefault, Origin.DEFAULT), path, reading);
    }
    if (presence == Presence.ALWAYS) {
      return shape.read(new Node.Empty(Origin.DEFAULT), path, reading);
    }
    if (presence == Presence.REQUIRED) {
      reading.problem(path, parent.origin(), null, "is missing; expected " + shape.noun(), null);
    }
    return null;
  }
}
