package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** SGLang's {@code /v1/chat/completions}: role and finish are chunks of their own. */
final class SglangChat implements AnswerForm {
  @Override
  public Ask read(JsonObject body) {
    return OpenAiRequests.chat(body);
  }

  @Override
  public StreamForm stream(Answer answer) {
    String head =
        "data: {\"id\":\""
            + answer.id
            + "\",\"object\":\"chat.completion.chunk\",\"created\":"
            + answer.created
            + ",\"model\":"
            + Json.encode(answer.model)
            + ",\"choices\":[";
    String delta = head + "{\"index\":0,\"delta\":";
    String open =
        ",\"logprobs\":null,\"finish_reason\":null,\"matched_stop\":null}],\"usage\":null}\n\n";
    String role = delta + delta("\"assistant\"", "\"\"", "null") + open;
    ToolCall tool = answer.tool();
    String opening =
        tool == null
            ? role
            : role
                + delta
                + delta("null", "null", "[" + call(answer.id, Json.encode(tool.name())) + "\"}}]")
                + open;
    String before =
        delta
            + (tool == null
                ? "{\"role\":null,\"content\":\""
                : "{\"role\":null,\"content\":null,\"reasoning_content\":null,\"tool_calls\":["
                    + call(null, "null"));
    String after =
        (tool == null ? "\",\"reasoning_content\":null,\"tool_calls\":null}" : "\"}}]}") + open;
    return new TextStream(
        answer,
        opening,
        before,
        after,
        after,
        () ->
            delta
                + delta("null", "null", "null")
                + ",\"logprobs\":null,\"finish_reason\":\""
                + answer.finish()
                + "\",\"matched_stop\":"
                + Json.encode(matchedStop(answer))
                + "}],\"usage\":null}\n\n"
                + (answer.ask.includeUsage()
                    ? head + "],\"usage\":" + SglangDialect.usage(answer).encode() + "}\n\n"
                    : "")
                + "data: [DONE]\n\n");
  }

  /** The stop string, or the number of the end token, or null. */
  private static @Nullable Object matchedStop(Answer answer) {
    if (answer.matchedStop != null) {
      return answer.matchedStop;
    }
    return answer.complete && answer.tool() == null ? 2 : null;
  }

  private static String delta(String role, String content, String calls) {
    return "{\"role\":"
        + role
        + ",\"content\":"
        + content
        + ",\"reasoning_content\":null,\"tool_calls\":"
        + calls
        + "}";
  }

  /** A tool call up to the opening quote of its arguments. */
  private static String call(@Nullable String id, String name) {
    return "{\"id\":"
        + (id == null ? "null" : "\"call_" + id + "\"")
        + ",\"index\":0,\"type\":\"function\",\"function\":{\"name\":"
        + name
        + ",\"arguments\":\"";
  }

  @Override
  public Reply whole(Answer answer) {
    JsonObject message =
        new JsonObject()
            .put("role", "assistant")
            .put("content", answer.text())
            .putNull("reasoning_content")
            .putNull("tool_calls");
    ToolCall tool = answer.tool();
    if (tool != null) {
      message
          .putNull("content")
          .put(
              "tool_calls",
              new JsonArray()
                  .add(
                      new JsonObject()
                          .put("id", "call_" + answer.id)
                          .put("index", 0)
                          .put("type", "function")
                          .put(
                              "function",
                              new JsonObject()
                                  .put("name", tool.name())
                                  .put("arguments", answer.arguments()))));
    }
    JsonObject choice =
        new JsonObject()
            .put("index", 0)
            .put("message", message)
            .putNull("logprobs")
            .put("finish_reason", answer.finish());
    choice.put("matched_stop", matchedStop(answer));
    return Reply.json(
        new JsonObject()
            .put("id", answer.id)
            .put("object", "chat.completion")
            .put("created", answer.created)
            .put("model", answer.model)
            .put("choices", new JsonArray().add(choice))
            .put("usage", SglangDialect.usage(answer))
            .put("metadata", new JsonObject().put("weight_version", "default")));
  }

  @Override
  public void failure(Refusal refusal, Buffer out) {
    JsonObject event = new JsonObject().put("error", SglangDialect.error(refusal));
    out.appendString("data: " + event.encode() + "\n\ndata: [DONE]\n\n");
  }
}
