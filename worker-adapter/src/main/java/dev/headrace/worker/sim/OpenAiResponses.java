package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** OpenAI's {@code /v1/responses}, as engines offer it: named and numbered events. */
final class OpenAiResponses implements AnswerForm {
  @Override
  public Ask read(JsonObject body) {
    StringBuilder text = new StringBuilder();
    OpenAiRequests.appendText(text, body.getValue("instructions"));
    Object input = body.getValue("input");
    if (input == null) {
      throw Refusal.badRequest("input is missing", "input");
    }
    OpenAiRequests.appendText(text, input);
    Object tools = body.getValue("tools");
    int most = OpenAiRequests.count(body, "max_output_tokens", -1);
    return new Ask(
        OpenAiRequests.text(body, "model"),
        SimTokenizer.encode(text.append(tools == null ? "" : tools).toString()),
        OpenAiRequests.flag(body, "stream"),
        most == 0 ? 1 : most,
        0,
        false,
        tool(body),
        true,
        body);
  }

  private static @Nullable ToolCall tool(JsonObject body) {
    Object choice = body.getValue("tool_choice");
    if ("none".equals(choice) || !(body.getValue("tools") instanceof JsonArray tools)) {
      return null;
    }
    String wanted = choice instanceof JsonObject named ? OpenAiRequests.text(named, "name") : "";
    for (Object tool : tools) {
      if (tool instanceof JsonObject object
          && "function".equals(object.getValue("type"))
          && (wanted.isEmpty() || wanted.equals(OpenAiRequests.text(object, "name")))) {
        return ToolCall.of(OpenAiRequests.text(object, "name"), object.getJsonObject("parameters"));
      }
    }
    return null;
  }

  @Override
  public StreamForm stream(Answer answer) {
    return new Events(answer);
  }

  @Override
  public Reply whole(Answer answer) {
    return Reply.json(response(answer, true));
  }

  @Override
  public void failure(Refusal refusal, Buffer out) {
    JsonObject error =
        new JsonObject()
            .put("type", "error")
            .put("code", "server_error")
            .put("message", refusal.message())
            .putNull("param");
    out.appendString("event: error\ndata: " + error.encode() + "\n\n");
  }

  private static JsonObject response(Answer answer, boolean over) {
    JsonObject response =
        new JsonObject()
            .put("id", "resp_" + answer.id)
            .put("object", "response")
            .put("created_at", answer.created)
            .put("model", answer.model)
            .put("status", over ? status(answer) : "in_progress")
            .putNull("error")
            .putNull("instructions")
            .putNull("incomplete_details")
            .put("output", over ? new JsonArray().add(item(answer, true)) : new JsonArray())
            .put("parallel_tool_calls", true)
            .put("temperature", 1.0)
            .put("top_p", 1.0)
            .put("tool_choice", "auto")
            .put("tools", new JsonArray())
            .put("metadata", new JsonObject());
    if (over && !answer.complete) {
      response.put("incomplete_details", new JsonObject().put("reason", "max_output_tokens"));
    }
    return over ? response.put("usage", usage(answer)) : response.putNull("usage");
  }

  private static String status(Answer answer) {
    return answer.complete ? "completed" : "incomplete";
  }

  private static JsonObject usage(Answer answer) {
    return new JsonObject()
        .put("input_tokens", answer.promptTokens())
        .put("input_tokens_details", new JsonObject().put("cached_tokens", answer.cachedTokens))
        .put("output_tokens", answer.length)
        .put("output_tokens_details", new JsonObject().put("reasoning_tokens", 0))
        .put("total_tokens", answer.totalTokens());
  }

  private static JsonObject item(Answer answer, boolean over) {
    ToolCall tool = answer.tool();
    JsonObject item = new JsonObject().put("status", over ? status(answer) : "in_progress");
    if (tool != null) {
      return item.put("id", "fc_" + answer.id)
          .put("type", "function_call")
          .put("call_id", "call_" + answer.id)
          .put("name", tool.name())
          .put("arguments", over ? answer.arguments() : "");
    }
    return item.put("id", "msg_" + answer.id)
        .put("type", "message")
        .put("role", "assistant")
        .put("content", over ? new JsonArray().add(part(answer.text())) : new JsonArray());
  }

  private static JsonObject part(String text) {
    return new JsonObject()
        .put("type", "output_text")
        .put("text", text)
        .put("annotations", new JsonArray());
  }

  /** The events of one response; each has a number of its own. */
  private static final class Events implements StreamForm {
    private final Answer answer;
    private int number;

    Events(Answer answer) {
      this.answer = answer;
    }

    @Override
    public void begin(Buffer out) {
      event(out, "response.created", new JsonObject().put("response", response(answer, false)));
      event(out, "response.in_progress", new JsonObject().put("response", response(answer, false)));
      event(
          out,
          "response.output_item.added",
          new JsonObject().put("output_index", 0).put("item", item(answer, false)));
      if (answer.tool() == null) {
        event(out, "response.content_part.added", text().put("part", part("")));
      }
    }

    @Override
    public void token(int place, Buffer out) {
      if (answer.tool() == null) {
        event(
            out,
            "response.output_text.delta",
            text().put("delta", answer.token(place)).put("logprobs", new JsonArray()));
      } else {
        event(
            out,
            "response.function_call_arguments.delta",
            call().put("delta", answer.token(place)));
      }
    }

    @Override
    public void end(Buffer out) {
      if (answer.tool() == null) {
        event(
            out,
            "response.output_text.done",
            text().put("text", answer.text()).put("logprobs", new JsonArray()));
        event(out, "response.content_part.done", text().put("part", part(answer.text())));
      } else {
        event(
            out,
            "response.function_call_arguments.done",
            call().put("arguments", answer.arguments()));
      }
      event(
          out,
          "response.output_item.done",
          new JsonObject().put("output_index", 0).put("item", item(answer, true)));
      event(
          out,
          "response." + status(answer),
          new JsonObject().put("response", response(answer, true)));
    }

    private JsonObject text() {
      return new JsonObject()
          .put("item_id", "msg_" + answer.id)
          .put("output_index", 0)
          .put("content_index", 0);
    }

    private JsonObject call() {
      return new JsonObject().put("item_id", "fc_" + answer.id).put("output_index", 0);
    }

    private void event(Buffer out, String type, JsonObject data) {
      data.put("type", type).put("sequence_number", number++);
      out.appendString("event: " + type + "\ndata: " + data.encode() + "\n\n");
    }
  }
}
