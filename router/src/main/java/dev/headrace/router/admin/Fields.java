package dev.headrace.router.admin;

import dev.headrace.router.error.ErrorCode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON object strictly: each field has one type, unknown fields are refused, and every
 * refusal names the field, what was expected and what was there.
 */
final class Fields {
  private final JsonObject json;
  private final String prefix;

  private Fields(JsonObject json, String prefix, Set<String> known) {
    this.json = json;
    this.prefix = prefix;
    for (String name : json.fieldNames()) {
      if (!known.contains(name)) {
        throw new AdminRefusal(
            ErrorCode.INVALID_PARAMETER,
            "unknown field '" + prefix + name + "': expected " + String.join(", ", sorted(known)),
            prefix + name);
      }
    }
  }

  /** Reads a body; an empty one is an empty object. */
  static Fields of(@Nullable Buffer body, Set<String> known) {
    if (body == null || body.length() == 0) {
      return new Fields(new JsonObject(), "", known);
    }
    try {
      Object parsed = Json.decodeValue(body);
      if (parsed instanceof JsonObject object) {
        return new Fields(object, "", known);
      }
    } catch (DecodeException e) {
      throw new AdminRefusal(ErrorCode.INVALID_JSON, "the body is not JSON", null);
    }
    throw new AdminRefusal(ErrorCode.INVALID_JSON, "expected a JSON object as body", null);
  }

  String text(String name, int longest) {
    String value = optionalText(name, longest);
    if (value == null) {
      throw AdminRefusal.field(prefix + name, "a text", "nothing");
    }
    return value;
  }

  @Nullable String optionalText(String name, int longest) {
    Object value = json.getValue(name);
    if (value == null) {
      return null;
    }
    if (value instanceof String text && !text.isBlank() && text.length() <= longest) {
      if (text.chars().anyMatch(Character::isISOControl)) {
        throw AdminRefusal.field(
            prefix + name, "a text without control characters", "one with them");
      }
      return text;
    }
    throw AdminRefusal.field(
        prefix + name, "a text of 1 to " + longest + " characters", show(value));
  }

  /** A text for people: control characters become blanks, what is too long is cut. */
  @Nullable String optionalLine(String name, int longest) {
    Object value = json.getValue(name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof String text)) {
      throw AdminRefusal.field(prefix + name, "a text", show(value));
    }
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.isEmpty() ? null : line.substring(0, Math.min(longest, line.length()));
  }

  /** A text that must be there, may be empty, and has this form. */
  String nameOrEmpty(String name, Pattern form) {
    Object value = json.getValue(name);
    if (value instanceof String text && form.matcher(text).matches()) {
      return text;
    }
    throw AdminRefusal.field(prefix + name, "a text of the form " + form, show(value));
  }

  @Nullable Integer optionalCount(String name) {
    Object value = json.getValue(name);
    if (value == null) {
      return null;
    }
    if (value instanceof Integer number && number >= 1) {
      return number;
    }
    throw AdminRefusal.field(prefix + name, "a whole number from 1 up", show(value));
  }

  /** A whole number from {@code least} up, or -1 when it is absent. */
  long wholeOrAbsent(String name, long least) {
    Object value = json.getValue(name);
    if (value == null) {
      return -1;
    }
    if ((value instanceof Integer || value instanceof Long)
        && ((Number) value).longValue() >= least
        && ((Number) value).longValue() <= Integer.MAX_VALUE) {
      return ((Number) value).longValue();
    }
    throw AdminRefusal.field(
        prefix + name, "a whole number from " + least + " to " + Integer.MAX_VALUE, show(value));
  }

  double weight(String name) {
    Object value = json.getValue(name);
    if (value == null) {
      return 1;
    }
    if (value instanceof Number number
        && number.doubleValue() > 0
        && number.doubleValue() <= 1_000_000) {
      return number.doubleValue();
    }
    throw AdminRefusal.field(prefix + name, "a number above 0, up to 1000000", show(value));
  }

  <E extends Enum<E>> E oneOf(String name, Class<E> type, E fallback) {
    Object value = json.getValue(name);
    if (value == null) {
      return fallback;
    }
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String label = constant.name().toLowerCase(Locale.ROOT);
      if (label.equals(value)) {
        return constant;
      }
      names.add(label);
    }
    throw AdminRefusal.field(prefix + name, "one of " + String.join(", ", names), show(value));
  }

  /** A flat object of texts; numbers and truth values are taken as their texts. */
  Map<String, String> texts(String name, int most) {
    Object value = json.getValue(name);
    if (value == null) {
      return Map.of();
    }
    if (!(value instanceof JsonObject object) || object.size() > most) {
      throw AdminRefusal.field(
          prefix + name, "an object of at most " + most + " texts", show(value));
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (String key : object.fieldNames()) {
      Object entry = object.getValue(key);
      if (!(entry instanceof String || entry instanceof Number || entry instanceof Boolean)) {
        throw AdminRefusal.field(prefix + name + "." + key, "a text", show(entry));
      }
      texts.put(key, entry.toString());
    }
    return texts;
  }

  /** The elements of an array, or null when the field is absent. */
  @Nullable List<Element> elements(String name, int most) {
    Object value = json.getValue(name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof JsonArray array) || array.size() > most) {
      throw AdminRefusal.field(
          prefix + name, "an array of at most " + most + " elements", show(value));
    }
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      elements.add(new Element(prefix + name + "[" + i + "]", array.getValue(i)));
    }
    return elements;
  }

  /** One element of an array, with its place for refusals. */
  record Element(String path, @Nullable Object value) {

    Fields fields(Set<String> known) {
      if (value instanceof JsonObject object) {
        return new Fields(object, path + ".", known);
      }
      throw AdminRefusal.field(path, "a text or an object", show(value));
    }
  }

  private static Set<String> sorted(Set<String> names) {
    return new TreeSet<>(names);
  }

  /** Long values are cut, so that a refusal cannot echo a whole body. */
  private static String show(@Nullable Object value) {
    if (value instanceof JsonObject) {
      return "an object";
    }
    if (value instanceof JsonArray) {
      return "an array";
    }
    String text = value instanceof String ? "'" + value + "'" : String.valueOf(value);
    return text.length() > 80 ? text.substring(0, 80) + "…" : text;
  }
}
