package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Anthropic's {@code /v1/messages}, as engines offer it: named events, no {@code [DONE]}. */
final class AnthropicMessages implements AnswerForm {
  @Override
  public Ask read(JsonObject body) {
    if (body.getValue("max_tokens") == null) {
      throw Refusal.badRequest("max_tokens: Field required", "max_tokens");
    }
    return new Ask(
        OpenAiRequests.text(body, "model"),
        prompt(body),
        OpenAiRequests.flag(body, "stream"),
        Math.max(1, OpenAiRequests.count(body, "max_tokens", 1)),
        0,
        false,
        tool(body),
        true,
        body);
  }

  /** {@code /v1/messages/count_tokens}. */
  static Reply countTokens(JsonObject body) {
    return Reply.json(new JsonObject().put("input_tokens", prompt(body).length));
  }

  private static int[] prompt(JsonObject body) {
    StringBuilder text = new StringBuilder();
    OpenAiRequests.appendText(text, body.getValue("system"));
    for (Object message : OpenAiRequests.array(body, "messages")) {
      if (message instanceof JsonObject object) {
        text.append('<').append(object.getValue("role")).append('>');
        OpenAiRequests.appendText(text, object.getValue("content"));
        text.append('\n');
      }
    }
    Object tools = body.getValue("tools");
    return SimTokenizer.encode(text.append(tools == null ? "" : tools).toString());
  }

  private static @Nullable ToolCall tool(JsonObject body) {
    JsonObject choice =
        body.getValue("tool_choice") instanceof JsonObject given ? given : new JsonObject();
    if (!(body.getValue("tools") instanceof JsonArray tools)
        || tools.isEmpty()
        || "none".equals(choice.getValue("type"))) {
      return null;
    }
    String wanted = OpenAiRequests.text(choice, "name");
    for (Object tool : tools) {
      if (tool instanceof JsonObject object
          && (wanted.isEmpty() || wanted.equals(OpenAiRequests.text(object, "name")))) {
        return ToolCall.of(
            OpenAiRequests.text(object, "name"), object.getJsonObject("input_schema"));
      }
    }
    throw Refusal.badRequest("tool_choice names no tool of this request", "tool_choice");
  }

  @Override
  public StreamForm stream(Answer answer) {
    ToolCall tool = answer.tool();
    String block =
        tool == null
            ? "{\"type\":\"text\",\"text\":\"\"}"
            : "{\"type\":\"tool_use\",\"id\":\"toolu_"
                + answer.id
                + "\",\"name\":"
                + Json.encode(tool.name())
                + ",\"input\":{}}";
    String before =
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{"
            + (tool == null
                ? "\"type\":\"text_delta\",\"text\":\""
                : "\"type\":\"input_json_delta\",\"partial_json\":\"");
    String after = "\"}}\n\n";
    JsonObject message = message(answer).put("content", new JsonArray()).putNull("stop_reason");
    message.put("usage", usage(answer, 0));
    return new TextStream(
        answer,
        event("message_start", new JsonObject().put("message", message).encode())
            + event("content_block_start", "{\"index\":0,\"content_block\":" + block + "}"),
        before,
        after,
        after,
        () ->
            event("content_block_stop", "{\"index\":0}")
                + event(
                    "message_delta",
                    new JsonObject()
                        .put(
                            "delta",
                            new JsonObject()
                                .put("stop_reason", stopReason(answer))
                                .putNull("stop_sequence"))
                        .put("usage", usage(answer, answer.length))
                        .encode())
                + event("message_stop", "{}"));
  }

  /** One named event; its type becomes the first field of its data. */
  private static String event(String type, String fields) {
    String rest = fields.substring(1);
    return "event: "
        + type
        + "\ndata: {\"type\":\""
        + type
        + "\""
        + (rest.equals("}") ? "" : ",")
        + rest
        + "\n\n";
  }

  @Override
  public Reply whole(Answer answer) {
    ToolCall tool = answer.tool();
    JsonObject block = new JsonObject();
    if (tool == null) {
      block.put("type", "text").put("text", answer.text());
    } else {
      block
          .put("type", "tool_use")
          .put("id", "toolu_" + answer.id)
          .put("name", tool.name())
          .put("input", new JsonObject(tool.arguments()));
    }
    return Reply.json(
        message(answer)
            .put("content", new JsonArray().add(block))
            .put("stop_reason", stopReason(answer))
            .put("usage", usage(answer, answer.length)));
  }

  private static JsonObject message(Answer answer) {
    return new JsonObject()
        .put("id", "msg_" + answer.id)
        .put("type", "message")
        .put("role", "assistant")
        .put("model", answer.model)
        .putNull("stop_sequence");
  }

  private static JsonObject usage(Answer answer, int outputTokens) {
    return new JsonObject()
        .put("input_tokens", answer.promptTokens() - answer.cachedTokens)
        .put("cache_read_input_tokens", answer.cachedTokens)
        .put("output_tokens", outputTokens);
  }

  private static String stopReason(Answer answer) {
    return answer.finish("tool_use", "end_turn", "max_tokens");
  }

  @Override
  public void failure(Refusal refusal, Buffer out) {
    out.appendString("event: error\ndata: " + error(refusal).encode() + "\n\n");
  }

  /** Anthropic's form of an error. */
  static JsonObject error(Refusal refusal) {
    String type =
        switch (refusal.kind()) {
          case UNAUTHORIZED -> "authentication_error";
          case UNKNOWN_MODEL, NOT_FOUND -> "not_found_error";
          case OVERLOADED -> "overloaded_error";
          case RATE_LIMITED -> "rate_limit_error";
          case INTERNAL -> "api_error";
          default -> "invalid_request_error";
        };
    return new JsonObject()
        .put("type", "error")
        .put("error", new JsonObject().put("type", type).put("message", refusal.message()));
  }
}
