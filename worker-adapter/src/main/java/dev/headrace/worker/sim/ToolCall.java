package dev.headrace.worker.sim;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call of a tool, with arguments made from the tool's schema: the same schema gives the same
 * arguments.
 *
 * @param name the function's name
 * @param arguments its arguments as JSON text
 * @param fragments the same text in pieces, one token each
 */
record ToolCall(String name, String arguments, List<String> fragments) {
  private static final int FRAGMENT_CHARS = 6;

  /** The call of this function with arguments that fit the schema; a null schema takes none. */
  static ToolCall of(String name, @Nullable JsonObject schema) {
    String arguments = Json.encode(value(schema, "argument"));
    List<String> fragments = new ArrayList<>();
    for (int at = 0; at < arguments.length(); at += FRAGMENT_CHARS) {
      fragments.add(arguments.substring(at, Math.min(arguments.length(), at + FRAGMENT_CHARS)));
    }
    return new ToolCall(name, arguments, List.copyOf(fragments));
  }

  private static Object value(@Nullable JsonObject schema, String name) {
    if (schema == null) {
      return new JsonObject();
    }
    JsonArray choices = schema.getJsonArray("enum");
    if (choices != null && !choices.isEmpty()) {
      return choices.getValue(0);
    }
    Object type = schema.getValue("type");
    if (type instanceof JsonArray types && !types.isEmpty()) {
      type = types.getValue(0);
    }
    return switch (type == null ? "object" : type.toString()) {
      case "string" -> "a " + name;
      case "integer" -> 7;
      case "number" -> 1.5;
      case "boolean" -> true;
      case "array" -> new JsonArray();
      default -> object(schema);
    };
  }

  private static JsonObject object(JsonObject schema) {
    JsonObject made = new JsonObject();
    JsonObject properties = schema.getJsonObject("properties");
    if (properties != null) {
      for (String name : properties.fieldNames()) {
        made.put(name, value(properties.getJsonObject(name), name));
      }
    }
    return made;
  }
}
