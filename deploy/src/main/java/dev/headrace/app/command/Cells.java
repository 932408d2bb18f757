package dev.headrace.app.command;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Values of the admin API as cells of a table; what is unknown is a hyphen. */
final class Cells {
  private static final String UNKNOWN = "-";

  private Cells() {}

  static String text(JsonObject object, String key) {
    Object value = object.getValue(key);
    return value == null ? UNKNOWN : printable(value.toString());
  }

  /** The elements, or their ids where they are objects. */
  static String list(JsonObject object, String key) {
    if (!(object.getValue(key) instanceof JsonArray array) || array.isEmpty()) {
      return UNKNOWN;
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      Object value = array.getValue(i);
      names.add(
          value instanceof JsonObject element
              ? text(element, "id")
              : printable(String.valueOf(value)));
    }
    return String.join(", ", names);
  }

  /** What others named themselves must not steer the terminal. */
  private static String printable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().forEach(c -> out.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return out.toString();
  }
}
