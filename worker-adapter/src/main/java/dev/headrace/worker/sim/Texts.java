package dev.headrace.worker.sim;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what is to be embedded, ranked or scored. Pure; any thread. */
final class Texts {
  private Texts() {}

  /** The tokens of each input: one text, several texts, one list of tokens, or several. */
  static List<int[]> inputs(@Nullable Object input, String name) {
    if (input instanceof JsonArray list
        && !list.isEmpty()
        && !(list.getValue(0) instanceof Number)) {
      List<int[]> inputs = new ArrayList<>();
      list.forEach(one -> inputs.add(OpenAiRequests.tokens(one)));
      return inputs;
    }
    if (input instanceof String || (input instanceof JsonArray tokens && !tokens.isEmpty())) {
      return List.of(OpenAiRequests.tokens(input));
    }
    throw Refusal.badRequest(name + " must be a text, a list of texts or tokens", name);
  }

  /** All tokens one after another, as the engine reads them. */
  static int[] joined(List<int[]> inputs) {
    return inputs.stream().flatMapToInt(Arrays::stream).toArray();
  }

  static JsonObject usage(int tokens) {
    return new JsonObject()
        .put("prompt_tokens", tokens)
        .put("total_tokens", tokens)
        .put("completion_tokens", 0);
  }
}
