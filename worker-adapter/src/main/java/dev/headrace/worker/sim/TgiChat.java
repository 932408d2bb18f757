package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * TGI's {@code /v1/chat/completions}: no blank after {@code data:}, a role in every delta, an empty
 * id, and {@code usage:null} on all chunks but the one that tells it.
 */
final class TgiChat implements AnswerForm {
  @Override
  public Ask read(JsonObject body) {
    Ask ask = OpenAiRequests.chat(body);
    if (ask.tool() != null && body.getValue("response_format") != null) {
      throw Refusal.badRequest("Grammar and tools are mutually exclusive", null);
    }
    return ask;
  }

  @Override
  public StreamForm stream(Answer answer) {
    String head =
        "data:{\"object\":\"chat.completion.chunk\",\"id\":\"\",\"created\":"
            + answer.created
            + ",\"model\":"
            + Json.encode(answer.model)
            + ",\"system_fingerprint\":\""
            + TgiDialect.FINGERPRINT
            + "\",\"choices\":[";
    String delta = head + "{\"index\":0,\"delta\":";
    String open = ",\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n";
    String closed =
        ",\"logprobs\":null,\"finish_reason\":\"" + answer.finish() + "\"}],\"usage\":null}\n\n";
    ToolCall tool = answer.tool();
    String call =
        "{\"role\":\"assistant\",\"tool_calls\":[{\"index\":0,\"id\":\"0\",\"type\":\"function\",";
    String opening =
        tool == null
            ? ""
            : delta
                + call
                + "\"function\":{\"name\":"
                + Json.encode(tool.name())
                + ",\"arguments\":\"\"}}]}"
                + open;
    String before =
        delta
            + (tool == null
                ? "{\"role\":\"assistant\",\"content\":\""
                : call + "\"function\":{\"name\":null,\"arguments\":\"");
    String inner = tool == null ? "\"}" : "\"}}]}";
    return new TextStream(
        answer,
        opening,
        before,
        inner + open,
        inner + (answer.complete ? open : closed),
        () ->
            (answer.complete ? delta + "{\"role\":\"assistant\",\"content\":\"\"}" + closed : "")
                + (answer.ask.includeUsage()
                    ? head + "],\"usage\":" + Usage.plain(answer).encode() + "}\n\n"
                    : "")
                + "data: [DONE]\n\n");
  }

  @Override
  public Reply whole(Answer answer) {
    JsonObject message = new JsonObject().put("role", "assistant");
    ToolCall tool = answer.tool();
    if (tool == null) {
      message.put("content", answer.text());
    } else {
      message.put(
          "tool_calls",
          new JsonArray()
              .add(
                  new JsonObject()
                      .put("id", "0")
                      .put("type", "function")
                      .put(
                          "function",
                          new JsonObject()
                              .putNull("description")
                              .put("name", tool.name())
                              .put("arguments", answer.arguments()))));
    }
    return Reply.json(
            new JsonObject()
                .put("object", "chat.completion")
                .put("id", "")
                .put("created", answer.created)
                .put("model", answer.model)
                .put("system_fingerprint", TgiDialect.FINGERPRINT)
                .put(
                    "choices",
                    new JsonArray()
                        .add(
                            new JsonObject()
                                .put("index", 0)
                                .put("message", message)
                                .putNull("logprobs")
                                .put("finish_reason", answer.finish())))
                .put("usage", Usage.plain(answer)))
        .withHeaders(TgiDialect.timings(answer));
  }

  @Override
  public void failure(Refusal refusal, Buffer out) {
    JsonObject error =
        new JsonObject().put("message", refusal.message()).put("http_status_code", 422);
    out.appendString("data:" + new JsonObject().put("error", error).encode() + "\n\n");
    out.appendString("data: [DONE]\n\n");
  }
}
