package dev.headrace.worker.sim;

import io.vertx.core.json.Json;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One answer while it is made: what the dialect's form writes down. Confined to its worker. */
final class Answer {
  final Ask ask;

  /** Hexadecimal; dialects put their own prefix before it. */
  final String id;

  /** Unix time in seconds. */
  final long created;

  /** The model's name, as the engine tells it. */
  final String model;

  /** Tokens of the whole answer. */
  final int length;

  /** It ends because its end was reached, not because of a limit. */
  final boolean complete;

  /** The request's stop string that ended it, or null. */
  final @Nullable String matchedStop;

  /** Prompt tokens found in the prefix cache; known when the engine starts. */
  int cachedTokens;

  /** Nanoseconds that the prompt took and that the tokens took, known at the end. */
  long promptNanos;

  long decodeNanos;

  private final long textSeed;

  Answer(
      Ask ask,
      String id,
      long created,
      String model,
      int length,
      boolean complete,
      @Nullable String matchedStop,
      long textSeed) {
    this.ask = ask;
    this.id = id;
    this.created = created;
    this.model = model;
    this.length = length;
    this.complete = complete;
    this.matchedStop = matchedStop;
    this.textSeed = textSeed;
  }

  @Nullable ToolCall tool() {
    return ask.tool();
  }

  int promptTokens() {
    return Math.max(1, ask.prompt().length);
  }

  int totalTokens() {
    return promptTokens() + length;
  }

  /** {@code tool}, {@code stop} or {@code length}, in the words of the caller's API. */
  String finish(String tool, String stop, String length) {
    if (!complete) {
      return length;
    }
    return ask.tool() == null ? stop : tool;
  }

  /** OpenAI's words. */
  String finish() {
    return finish("tool_calls", "stop", "length");
  }

  String token(int place) {
    ToolCall tool = ask.tool();
    return tool == null ? SimWords.token(textSeed, place) : tool.fragments().get(place);
  }

  int tokenId(int place) {
    return SimWords.id(textSeed, place);
  }

  /** The token as it stands between the quotes of a JSON string, in UTF-8. */
  byte[] tokenJson(int place) {
    if (ask.tool() == null) {
      return SimWords.bytes(textSeed, place);
    }
    String quoted = Json.encode(token(place));
    return quoted.substring(1, quoted.length() - 1).getBytes(StandardCharsets.UTF_8);
  }

  /** The whole text, empty when the answer is a tool call. */
  String text() {
    return ask.tool() == null ? SimWords.text(textSeed, length) : "";
  }

  /** What was written of the tool's arguments. */
  String arguments() {
    ToolCall tool = ask.tool();
    return tool == null ? "" : String.join("", tool.fragments().subList(0, length));
  }
}
