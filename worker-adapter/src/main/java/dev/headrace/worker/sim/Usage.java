package dev.headrace.worker.sim;

import io.vertx.core.json.JsonObject;

/** The {@code usage} objects of OpenAI's APIs. */
final class Usage {
  private Usage() {}

  static JsonObject plain(Answer answer) {
    return new JsonObject()
        .put("prompt_tokens", answer.promptTokens())
        .put("total_tokens", answer.totalTokens())
        .put("completion_tokens", answer.length);
  }

  static JsonObject withCached(Answer answer) {
    return plain(answer)
        .put("prompt_tokens_details", new JsonObject().put("cached_tokens", answer.cachedTokens));
  }
}
