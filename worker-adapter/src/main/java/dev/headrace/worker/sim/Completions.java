package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.function.BiConsumer;

/** {@code /v1/completions} in the style of one engine. */
final class Completions implements AnswerForm {

  /** What differs from engine to engine. */
  enum Style {
    /** Finish reason on the last text when a limit ended it, else on an empty text. */
    VLLM("data: ", "cmpl-", "null", ",\"stop_reason\":null", 16),
    /** An empty finish reason until the last object, which always tells the usage. */
    TGI("data:", "", "\"\"", "", 100),
    /** A finish chunk of its own, which always tells usage and timings. */
    LLAMACPP("data: ", "chatcmpl-", "null", "", -1),
    /** A finish chunk of its own with the matched stop. */
    SGLANG("data: ", "", "null", ",\"matched_stop\":null", 16);

    private final String data;
    private final String idPrefix;
    private final String unfinished;
    private final String more;
    private final int defaultMaxTokens;

    Style(String data, String idPrefix, String unfinished, String more, int defaultMaxTokens) {
      this.data = data;
      this.idPrefix = idPrefix;
      this.unfinished = unfinished;
      this.more = more;
      this.defaultMaxTokens = defaultMaxTokens;
    }
  }

  private final Style style;
  private final BiConsumer<Refusal, Buffer> failure;

  /**
   * @param failure writes the engine's error event
   */
  Completions(Style style, BiConsumer<Refusal, Buffer> failure) {
    this.style = style;
    this.failure = failure;
  }

  @Override
  public Ask read(JsonObject body) {
    if (style == Style.TGI && body.getValue("suffix") != null) {
      throw Refusal.badRequest(
          "Suffix is not supported and can be achieved by preprocessing", null);
    }
    return OpenAiRequests.completion(body, style.defaultMaxTokens);
  }

  @Override
  public StreamForm stream(Answer answer) {
    String head =
        style.data
            + "{\"id\":\""
            + id(answer)
            + "\",\"object\":\"text_completion\",\"created\":"
            + answer.created
            + ",\"model\":"
            + Json.encode(answer.model)
            + fingerprint()
            + ",\"choices\":[";
    String before = head + "{\"index\":0,\"text\":\"";
    String open = "\",\"logprobs\":null,\"finish_reason\":" + style.unfinished + style.more + "}]";
    String closed =
        "\",\"logprobs\":null,\"finish_reason\":\""
            + answer.finish()
            + "\""
            + matched(answer)
            + "}]";
    boolean onLastText = style == Style.VLLM && !answer.complete;
    return new TextStream(
        answer,
        "",
        before,
        open + "}\n\n",
        (onLastText ? closed : open) + "}\n\n",
        () ->
            switch (style) {
              case VLLM, SGLANG ->
                  (onLastText ? "" : before + closed + "}\n\n")
                      + (answer.ask.includeUsage() ? head + "]" + usage(answer, "") : "")
                      + "data: [DONE]\n\n";
              case TGI -> before + closed + usage(answer, "") + "data: [DONE]\n\n";
              case LLAMACPP ->
                  before
                      + closed
                      + usage(answer, ",\"timings\":" + LlamaCppDialect.timings(answer).encode())
                      + "data: [DONE]\n\n";
            });
  }

  /** The further fields of a finished choice. */
  private String matched(Answer answer) {
    return answer.matchedStop == null
        ? style.more
        : style.more.replace("null", Json.encode(answer.matchedStop));
  }

  private String usage(Answer answer, String more) {
    return ",\"usage\":" + usage(answer).encode() + more + "}\n\n";
  }

  @Override
  public Reply whole(Answer answer) {
    JsonObject choice =
        new JsonObject()
            .put("index", 0)
            .put("text", answer.text())
            .putNull("logprobs")
            .put("finish_reason", answer.finish());
    JsonObject body =
        new JsonObject()
            .put("id", id(answer))
            .put("object", "text_completion")
            .put("created", answer.created)
            .put("model", answer.model)
            .put("choices", new JsonArray().add(choice))
            .put("usage", usage(answer));
    switch (style) {
      case VLLM -> choice.put("stop_reason", answer.matchedStop);
      case TGI -> body.put("system_fingerprint", TgiDialect.FINGERPRINT);
      case LLAMACPP ->
          body.put("system_fingerprint", LlamaCppDialect.BUILD)
              .put("timings", LlamaCppDialect.timings(answer));
      case SGLANG -> choice.put("matched_stop", answer.matchedStop);
    }
    Reply reply = Reply.json(body);
    return style == Style.TGI ? reply.withHeaders(TgiDialect.timings(answer)) : reply;
  }

  @Override
  public void failure(Refusal refusal, Buffer out) {
    failure.accept(refusal, out);
  }

  private String id(Answer answer) {
    return style == Style.TGI ? "" : style.idPrefix + answer.id;
  }

  private String fingerprint() {
    return switch (style) {
      case TGI -> ",\"system_fingerprint\":\"" + TgiDialect.FINGERPRINT + "\"";
      case LLAMACPP -> ",\"system_fingerprint\":\"" + LlamaCppDialect.BUILD + "\"";
      default -> "";
    };
  }

  private JsonObject usage(Answer answer) {
    return switch (style) {
      case TGI -> Usage.plain(answer);
      case SGLANG -> SglangDialect.usage(answer);
      default -> Usage.withCached(answer);
    };
  }
}
