package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * TGI's native {@code /generate} and {@code /generate_stream}. The end-of-sequence token is an
 * event of its own, as one more token than the text has.
 */
final class TgiGenerate implements AnswerForm {
  private static final int DEFAULT_TOKENS = 100;

  private final boolean streams;

  TgiGenerate(boolean streams) {
    this.streams = streams;
  }

  @Override
  public Ask read(JsonObject body) {
    if (!(body.getValue("inputs") instanceof String inputs)) {
      throw Refusal.badRequest("inputs must be a string", "inputs");
    }
    JsonObject parameters = parameters(body);
    if (streams && OpenAiRequests.count(parameters, "best_of", 1) > 1) {
      throw Refusal.badRequest("`best_of` != 1 is not supported when streaming tokens", null);
    }
    int most = OpenAiRequests.count(parameters, "max_new_tokens", DEFAULT_TOKENS);
    if (most == 0) {
      throw Refusal.badRequest("`max_new_tokens` must be strictly positive", null);
    }
    return new Ask(
        OpenAiRequests.text(parameters, "adapter_id"),
        SimTokenizer.encode(inputs),
        streams,
        most,
        0,
        false,
        null,
        true,
        body);
  }

  private static JsonObject parameters(JsonObject body) {
    return body.getValue("parameters") instanceof JsonObject given ? given : new JsonObject();
  }

  @Override
  public StreamForm stream(Answer answer) {
    return new Events(answer);
  }

  @Override
  public Reply whole(Answer answer) {
    JsonObject body = new JsonObject().put("generated_text", answer.text());
    if (OpenAiRequests.flag(parameters(answer.ask.body()), "details")) {
      JsonArray tokens = new JsonArray();
      for (int i = 0; i < answer.length; i++) {
        tokens.add(
            new JsonObject()
                .put("id", answer.tokenId(i))
                .put("text", answer.token(i))
                .put("logprob", -0.1)
                .put("special", false));
      }
      body.put("details", details(answer).put("prefill", new JsonArray()).put("tokens", tokens));
    }
    return Reply.json(body).withHeaders(TgiDialect.timings(answer));
  }

  @Override
  public void failure(Refusal refusal, Buffer out) {
    out.appendString("data:" + TgiDialect.error(refusal).encode() + "\n\n");
  }

  private static JsonObject details(Answer answer) {
    return new JsonObject()
        .put("finish_reason", answer.finish("eos_token", "eos_token", "length"))
        .put("generated_tokens", answer.length)
        .putNull("seed")
        .put("input_length", answer.promptTokens());
  }

  /** The events of one answer. */
  private static final class Events implements StreamForm {
    private static final String NOTHING = "\"generated_text\":null,\"details\":null";

    private final Answer answer;

    Events(Answer answer) {
      this.answer = answer;
    }

    @Override
    public void begin(Buffer out) {
      // The first token's event is the first.
    }

    @Override
    public void token(int place, Buffer out) {
      out.appendString(
          "data:{\"index\":"
              + (place + 1)
              + ",\"token\":{\"id\":"
              + answer.tokenId(place)
              + ",\"text\":\"");
      out.appendBytes(answer.tokenJson(place));
      boolean last = !answer.complete && place == answer.length - 1;
      out.appendString(
          "\",\"logprob\":-0.1,\"special\":false}," + (last ? ending() : NOTHING) + "}\n\n");
    }

    @Override
    public void end(Buffer out) {
      if (answer.complete) {
        out.appendString(
            "data:{\"index\":"
                + (answer.length + 1)
                + ",\"token\":{\"id\":2,\"text\":\"</s>\",\"logprob\":-0.2,\"special\":true},"
                + ending()
                + "}\n\n");
      }
    }

    private String ending() {
      boolean wanted = OpenAiRequests.flag(parameters(answer.ask.body()), "details");
      return "\"generated_text\":"
          + Json.encode(answer.text())
          + ",\"details\":"
          + (wanted ? details(answer).encode() : "null");
    }
  }
}
