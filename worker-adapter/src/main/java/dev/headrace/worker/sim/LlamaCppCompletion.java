package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;

/** llama-server's native {@code /completion}: its own fields, no {@code [DONE]}. */
final class LlamaCppCompletion implements AnswerForm {
  @Override
  public Ask read(JsonObject body) {
    int most =
        body.getValue("n_predict") instanceof Number number && number.intValue() > 0
            ? number.intValue()
            : -1;
    return new Ask(
        OpenAiRequests.text(body, "model"),
        OpenAiRequests.tokens(body.getValue("prompt", "")),
        OpenAiRequests.flag(body, "stream"),
        most,
        0,
        OpenAiRequests.flag(body, "ignore_eos"),
        null,
        true,
        body);
  }

  @Override
  public StreamForm stream(Answer answer) {
    String before = "data: {\"index\":0,\"content\":\"";
    String after =
        "\",\"tokens\":[],\"stop\":false,\"id_slot\":0,\"tokens_predicted\":1,\"tokens_evaluated\":"
            + answer.promptTokens()
            + "}\n\n";
    return new TextStream(
        answer,
        "",
        before,
        after,
        after,
        () -> "data: " + end(answer).put("content", "").encode() + "\n\n");
  }

  @Override
  public Reply whole(Answer answer) {
    return Reply.json(end(answer).put("content", answer.text()));
  }

  private static JsonObject end(Answer answer) {
    return new JsonObject()
        .put("index", 0)
        .put("content", "")
        .put("id_slot", 0)
        .put("stop", true)
        .put("model", answer.model)
        .put("tokens_predicted", answer.length)
        .put("tokens_evaluated", answer.promptTokens())
        .put("generation_settings", new JsonObject().put("n_predict", answer.ask.maxTokens()))
        .put("prompt", Json.encode(answer.ask.body().getValue("prompt", "")))
        .put("has_new_line", false)
        .put("truncated", false)
        .put("stop_type", stopType(answer))
        .put("stopping_word", answer.matchedStop == null ? "" : answer.matchedStop)
        .put("tokens_cached", answer.cachedTokens)
        .put("timings", LlamaCppDialect.timings(answer));
  }

  private static String stopType(Answer answer) {
    if (answer.matchedStop != null) {
      return "word";
    }
    return answer.complete ? "eos" : "limit";
  }

  @Override
  public void failure(Refusal refusal, Buffer out) {
    out.appendString("data: " + LlamaCppDialect.error(refusal).encode() + "\n\n");
  }
}
