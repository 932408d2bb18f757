package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * llama-server's {@code /v1/chat/completions}: a role chunk with null content, a finish chunk of
 * its own, timings on the last chunk, no {@code [DONE]} after an error.
 */
final class LlamaCppChat implements AnswerForm {
  @Override
  public Ask read(JsonObject body) {
    return OpenAiRequests.chat(body);
  }

  @Override
  public StreamForm stream(Answer answer) {
    String tail =
        ",\"created\":"
            + answer.created
            + ",\"id\":\"chatcmpl-"
            + answer.id
            + "\",\"model\":"
            + Json.encode(answer.model)
            + ",\"system_fingerprint\":\""
            + LlamaCppDialect.BUILD
            + "\",\"object\":\"chat.completion.chunk\"";
    String open = "data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":";
    String done = "}]" + tail + "}\n\n";
    String role = open + "{\"role\":\"assistant\",\"content\":null}" + done;
    ToolCall tool = answer.tool();
    String opening =
        tool == null
            ? role
            : role
                + open
                + "{\"tool_calls\":[{\"index\":0,\"id\":\"call"
                + answer.id
                + "\",\"type\":\"function\",\"function\":{\"name\":"
                + Json.encode(tool.name())
                + ",\"arguments\":\"\"}}]}"
                + done;
    String before =
        open
            + (tool == null
                ? "{\"content\":\""
                : "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"");
    String after = (tool == null ? "\"}" : "\"}}]}") + done;
    return new TextStream(
        answer,
        opening,
        before,
        after,
        after,
        () -> {
          String timings = ",\"timings\":" + LlamaCppDialect.timings(answer).encode();
          boolean usage = answer.ask.includeUsage();
          return "data: {\"choices\":[{\"finish_reason\":\""
              + answer.finish()
              + "\",\"index\":0,\"delta\":{}}]"
              + tail
              + (usage ? "" : timings)
              + "}\n\n"
              + (usage
                  ? "data: {\"choices\":[]"
                      + tail
                      + ",\"usage\":"
                      + Usage.withCached(answer).encode()
                      + timings
                      + "}\n\n"
                  : "")
              + "data: [DONE]\n\n";
        });
  }

  @Override
  public Reply whole(Answer answer) {
    JsonObject message = new JsonObject().put("role", "assistant").put("content", answer.text());
    ToolCall tool = answer.tool();
    if (tool != null) {
      message
          .putNull("content")
          .put(
              "tool_calls",
              new JsonArray()
                  .add(
                      new JsonObject()
                          .put("type", "function")
                          .put(
                              "function",
                              new JsonObject()
                                  .put("name", tool.name())
                                  .put("arguments", answer.arguments()))
                          .put("id", "call" + answer.id)));
    }
    return Reply.json(
        new JsonObject()
            .put(
                "choices",
                new JsonArray()
                    .add(
                        new JsonObject()
                            .put("finish_reason", answer.finish())
                            .put("index", 0)
                            .put("message", message)))
            .put("created", answer.created)
            .put("model", answer.model)
            .put("system_fingerprint", LlamaCppDialect.BUILD)
            .put("object", "chat.completion")
            .put("usage", Usage.withCached(answer))
            .put("id", "chatcmpl-" + answer.id)
            .put("timings", LlamaCppDialect.timings(answer)));
  }

  @Override
  public void failure(Refusal refusal, Buffer out) {
    out.appendString("data: " + LlamaCppDialect.error(refusal).encode() + "\n\n");
  }
}
