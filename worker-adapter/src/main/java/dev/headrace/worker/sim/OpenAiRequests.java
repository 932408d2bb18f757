package dev.headrace.worker.sim;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Reads requests of OpenAI's APIs. Pure; any thread. */
final class OpenAiRequests {
  private OpenAiRequests() {}

  /** {@code /v1/chat/completions}. */
  static Ask chat(JsonObject body) {
    JsonArray messages = array(body, "messages");
    StringBuilder text = new StringBuilder();
    for (Object message : messages) {
      if (!(message instanceof JsonObject object)) {
        throw Refusal.badRequest("messages must hold objects", "messages");
      }
      text.append('<').append(object.getValue("role")).append('>');
      appendText(text, object.getValue("content"));
      if (object.getValue("tool_calls") != null) {
        text.append(object.getValue("tool_calls"));
      }
      text.append('\n');
    }
    JsonArray tools = tools(body);
    if (tools != null) {
      text.append(tools.encode());
    }
    return ask(body, SimTokenizer.encode(text.toString()), -1, chosenTool(body, tools));
  }

  /** {@code /v1/completions}: a prompt of text or of tokens. */
  static Ask completion(JsonObject body, int defaultMaxTokens) {
    Object prompt = body.getValue("prompt");
    if (prompt == null) {
      throw Refusal.badRequest("prompt is missing", "prompt");
    }
    return ask(body, tokens(prompt), defaultMaxTokens, null);
  }

  /** Tokens of text, of a list of texts, or of a list of tokens. */
  static int[] tokens(Object prompt) {
    if (prompt instanceof JsonArray list && !list.isEmpty() && list.getValue(0) instanceof Number) {
      return list.stream().mapToInt(token -> ((Number) token).intValue()).toArray();
    }
    StringBuilder text = new StringBuilder();
    appendText(text, prompt);
    return SimTokenizer.encode(text.toString());
  }

  /** Appends what is text in a string, a list of parts, or one part. */
  static void appendText(StringBuilder text, @Nullable Object content) {
    if (content instanceof String string) {
      text.append(string);
    } else if (content instanceof JsonArray parts) {
      parts.forEach(part -> appendText(text, part));
    } else if (content instanceof JsonObject part) {
      Object inner = part.getValue("text");
      appendText(text, inner == null ? part.getValue("content") : inner);
    }
  }

  static JsonArray array(JsonObject body, String name) {
    if (body.getValue(name) instanceof JsonArray list) {
      return list;
    }
    throw Refusal.badRequest(name + " must be a list", name);
  }

  static boolean flag(JsonObject body, String name) {
    return Boolean.TRUE.equals(body.getValue(name));
  }

  static int count(JsonObject body, String name, int otherwise) {
    Object value = body.getValue(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Number number && number.intValue() >= 0) {
      return number.intValue();
    }
    throw Refusal.badRequest(name + " must be a number of at least 0", name);
  }

  static String text(JsonObject body, String name) {
    return body.getValue(name) instanceof String string ? string : "";
  }

  private static Ask ask(
      JsonObject body, int[] prompt, int defaultMaxTokens, @Nullable ToolCall tool) {
    boolean stream = flag(body, "stream");
    Object options = body.getValue("stream_options");
    if (options != null && !stream) {
      throw Refusal.badRequest("Stream options can only be defined when `stream=True`.", null);
    }
    int most = count(body, "max_completion_tokens", count(body, "max_tokens", defaultMaxTokens));
    if (most == 0) {
      throw Refusal.badRequest("max_tokens must be at least 1, got 0.", "max_tokens");
    }
    return new Ask(
        text(body, "model"),
        prompt,
        stream,
        most,
        count(body, "min_tokens", 0),
        flag(body, "ignore_eos"),
        tool,
        options instanceof JsonObject object && flag(object, "include_usage"),
        body);
  }

  private static @Nullable JsonArray tools(JsonObject body) {
    boolean wanted = !"none".equals(body.getValue("tool_choice"));
    return wanted && body.getValue("tools") instanceof JsonArray list && !list.isEmpty()
        ? list
        : null;
  }

  private static @Nullable ToolCall chosenTool(JsonObject body, @Nullable JsonArray tools) {
    if (tools == null) {
      return null;
    }
    String wanted =
        body.getValue("tool_choice") instanceof JsonObject choice
                && choice.getValue("function") instanceof JsonObject function
            ? text(function, "name")
            : "";
    for (Object tool : tools) {
      if (tool instanceof JsonObject object
          && object.getValue("function") instanceof JsonObject function
          && (wanted.isEmpty() || wanted.equals(text(function, "name")))) {
        return ToolCall.of(text(function, "name"), function.getJsonObject("parameters"));
      }
    }
    throw Refusal.badRequest("tool_choice names no tool of this request", "tool_choice");
  }
}
