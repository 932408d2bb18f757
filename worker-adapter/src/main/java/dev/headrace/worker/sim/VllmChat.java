package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * vLLM's {@code /v1/chat/completions}: a role chunk of its own, the finish reason on the last text
 * chunk when a limit ended it and on an empty one when the text ended itself.
 */
final class VllmChat implements AnswerForm {
  @Override
  public Ask read(JsonObject body) {
    return OpenAiRequests.chat(body);
  }

  @Override
  public StreamForm stream(Answer answer) {
    String head =
        "data: {\"id\":\"chatcmpl-"
            + answer.id
            + "\",\"object\":\"chat.completion.chunk\",\"created\":"
            + answer.created
            + ",\"model\":"
            + Json.encode(answer.model)
            + ",\"choices\":[";
    String delta = head + "{\"index\":0,\"delta\":";
    String open = ",\"logprobs\":null,\"finish_reason\":null}]}\n\n";
    String closed =
        ",\"logprobs\":null,\"finish_reason\":\""
            + answer.finish()
            + "\",\"stop_reason\":"
            + Json.encode(answer.matchedStop)
            + "}]}\n\n";
    String role = delta + "{\"role\":\"assistant\",\"content\":\"\"}" + open;
    ToolCall tool = answer.tool();
    String opening =
        tool == null
            ? role
            : role
                + delta
                + "{\"tool_calls\":[{\"id\":\"chatcmpl-tool-"
                + answer.id
                + "\",\"type\":\"function\",\"index\":0,\"function\":{\"name\":"
                + Json.encode(tool.name())
                + ",\"arguments\":\"\"}}]}"
                + open;
    String before =
        delta
            + (tool == null
                ? "{\"content\":\""
                : "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"");
    String inner = tool == null ? "\"}" : "\"}}]}";
    return new TextStream(
        answer,
        opening,
        before,
        inner + open,
        inner + (answer.complete ? open : closed),
        () ->
            (answer.complete ? delta + "{\"content\":\"\"}" + closed : "")
                + (answer.ask.includeUsage()
                    ? head + "],\"usage\":" + Usage.withCached(answer).encode() + "}\n\n"
                    : "")
                + "data: [DONE]\n\n");
  }

  @Override
  public Reply whole(Answer answer) {
    JsonObject message =
        new JsonObject().put("role", "assistant").put("content", answer.text()).putNull("refusal");
    ToolCall tool = answer.tool();
    JsonArray calls = new JsonArray();
    if (tool != null) {
      message.putNull("content");
      calls.add(
          new JsonObject()
              .put("id", "chatcmpl-tool-" + answer.id)
              .put("type", "function")
              .put(
                  "function",
                  new JsonObject().put("name", tool.name()).put("arguments", answer.arguments())));
    }
    message.put("tool_calls", calls).putNull("reasoning");
    return Reply.json(
        new JsonObject()
            .put("id", "chatcmpl-" + answer.id)
            .put("object", "chat.completion")
            .put("created", answer.created)
            .put("model", answer.model)
            .put(
                "choices",
                new JsonArray()
                    .add(
                        new JsonObject()
                            .put("index", 0)
                            .put("message", message)
                            .putNull("logprobs")
                            .put("finish_reason", answer.finish())
                            .put("stop_reason", answer.matchedStop)))
            .putNull("service_tier")
            .putNull("system_fingerprint")
            .put("usage", Usage.withCached(answer))
            .putNull("kv_transfer_params"));
  }

  @Override
  public void failure(Refusal refusal, Buffer out) {
    out.appendString("data: " + VllmDialect.error(refusal, 500).encode() + "\n\ndata: [DONE]\n\n");
  }
}
