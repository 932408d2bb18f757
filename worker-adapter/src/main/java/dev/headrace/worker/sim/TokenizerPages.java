package dev.headrace.worker.sim;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The tokenizer endpoints of all engines. Stateless; any thread. */
final class TokenizerPages {
  private TokenizerPages() {}

  /** vLLM's and SGLang's {@code /tokenize}. */
  static Reply tokenize(JsonObject body, int contextTokens) {
    int[] tokens =
        body.getValue("messages") == null
            ? OpenAiRequests.tokens(required(body, "prompt"))
            : OpenAiRequests.chat(body).prompt();
    return Reply.json(
        new JsonObject()
            .put("count", tokens.length)
            .put("max_model_len", contextTokens)
            .put("tokens", numbers(tokens))
            .putNull("token_strs"));
  }

  /** {@code /detokenize}; the engines differ in the name of the text. */
  static Reply detokenize(JsonObject body, String textName) {
    int[] tokens =
        OpenAiRequests.array(body, "tokens").stream()
            .mapToInt(token -> token instanceof Number number ? number.intValue() : 0)
            .toArray();
    return Reply.json(new JsonObject().put(textName, SimTokenizer.decode(tokens)));
  }

  /** llama-server's {@code /tokenize}. */
  static Reply llamacpp(JsonObject body) {
    int[] tokens = SimTokenizer.encode(OpenAiRequests.text(body, "content"));
    JsonArray list = numbers(tokens);
    if (OpenAiRequests.flag(body, "with_pieces")) {
      list = new JsonArray();
      for (int token : tokens) {
        list.add(
            new JsonObject().put("id", token).put("piece", SimTokenizer.decode(new int[] {token})));
      }
    }
    return Reply.json(new JsonObject().put("tokens", list));
  }

  /** llama-server's {@code /apply-template}. */
  static Reply applyTemplate(JsonObject body) {
    return Reply.json(
        new JsonObject().put("prompt", SimTokenizer.decode(OpenAiRequests.chat(body).prompt())));
  }

  /** TGI's {@code /tokenize}. */
  static Reply tgi(JsonObject body) {
    return Reply.json(spans(SimTokenizer.encode(required(body, "inputs").toString())));
  }

  /** TGI's {@code /chat_tokenize}. */
  static Reply tgiChat(JsonObject body) {
    int[] tokens = OpenAiRequests.chat(body).prompt();
    return Reply.json(
        new JsonObject()
            .put("tokenize_response", spans(tokens))
            .put("templated_text", SimTokenizer.decode(tokens)));
  }

  private static JsonArray spans(int[] tokens) {
    JsonArray list = new JsonArray();
    int at = 0;
    for (int token : tokens) {
      String text = SimTokenizer.decode(new int[] {token});
      list.add(
          new JsonObject()
              .put("id", token)
              .put("text", text)
              .put("start", at)
              .put("stop", at + text.length()));
      at += text.length();
    }
    return list;
  }

  private static JsonArray numbers(int[] tokens) {
    JsonArray list = new JsonArray();
    for (int token : tokens) {
      list.add(token);
    }
    return list;
  }

  private static Object required(JsonObject body, String name) {
    Object value = body.getValue(name);
    if (value == null) {
      throw Refusal.badRequest(name + " is missing", name);
    }
    return value;
  }
}
