package dev.headrace.router.sse;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What the JSON of one frame says, in any of the dialects. Read only for the few frames that may
 * matter; see {@link StreamJudge}.
 *
 * @param content it carries output: text, reasoning, a tool call
 * @param noChoices {@code choices} is there and empty
 * @param finishReason the first one found, or null
 * @param usage null when there is no usage object
 * @param error a top-level {@code error} that is not null
 * @param type the top-level {@code type}, or null
 * @param generatedText TGI's {@code generated_text} is there and not null
 */
record FrameFacts(
    boolean content,
    boolean noChoices,
    @Nullable String finishReason,
    @Nullable TokenUsage usage,
    boolean error,
    @Nullable String type,
    boolean generatedText) {

  /** For data that is not a JSON object: taken for content, because nothing else is known. */
  static final FrameFacts OPAQUE = new FrameFacts(true, false, null, null, false, null, false);

  private static final JsonFactory JSON = new JsonFactory();

  static FrameFacts read(byte[] bytes, int from, int to) {
    try (JsonParser parser = JSON.createParser(bytes, from, to - from)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return OPAQUE;
      }
      return new Reading().frame(parser);
    } catch (IOException e) {
      return OPAQUE;
    }
  }

  /** The usage object that the parser stands on. */
  static TokenUsage readUsage(JsonParser p) throws IOException {
    long prompt = -1;
    long completion = -1;
    long cached = -1;
    while (p.nextToken() != JsonToken.END_OBJECT) {
      String field = p.currentName();
      JsonToken value = p.nextToken();
      switch (field) {
        case "prompt_tokens", "input_tokens" -> prompt = count(p, value);
        case "completion_tokens", "output_tokens" -> completion = count(p, value);
        case "cache_read_input_tokens" -> cached = count(p, value);
        case "prompt_tokens_details", "input_tokens_details" -> {
          if (value == JsonToken.START_OBJECT) {
            while (p.nextToken() != JsonToken.END_OBJECT) {
              boolean wanted = p.currentName().equals("cached_tokens");
              JsonToken inner = p.nextToken();
              if (wanted) {
                cached = count(p, inner);
              } else {
                p.skipChildren();
              }
            }
          }
        }
        default -> p.skipChildren();
      }
    }
    return new TokenUsage(prompt, completion, cached);
  }

  private static long count(JsonParser p, JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_NUMBER_INT && p.getTextLength() <= 18) {
      return p.getLongValue();
    }
    p.skipChildren();
    return -1;
  }

  /** Collects the facts of one frame. */
  private static final class Reading {
    private boolean content;
    private boolean noChoices;
    private @Nullable String finishReason;
    private @Nullable TokenUsage usage;
    private boolean error;
    private @Nullable String type;
    private boolean generatedText;

    FrameFacts frame(JsonParser p) throws IOException {
      while (p.nextToken() != JsonToken.END_OBJECT) {
        String field = p.currentName();
        JsonToken value = p.nextToken();
        if (value == null) {
          break;
        }
        switch (field) {
          case "choices" -> choices(p, value);
          case "usage" -> usage(p, value);
          case "message", "response" -> usageInside(p, value);
          case "details" -> details(p, value);
          case "error" -> {
            error |= value != JsonToken.VALUE_NULL;
            p.skipChildren();
          }
          case "type" -> {
            type = value == JsonToken.VALUE_STRING ? p.getText() : null;
            p.skipChildren();
          }
          case "token" -> {
            content |= value == JsonToken.START_OBJECT;
            p.skipChildren();
          }
          case "generated_text" -> {
            generatedText |= value == JsonToken.VALUE_STRING;
            p.skipChildren();
          }
          default -> p.skipChildren();
        }
      }
      String kind = type;
      if (kind != null && (kind.equals("content_block_delta") || kind.endsWith(".delta"))) {
        content = true;
      }
      return new FrameFacts(content, noChoices, finishReason, usage, error, kind, generatedText);
    }

    private void choices(JsonParser p, JsonToken value) throws IOException {
      if (value != JsonToken.START_ARRAY) {
        p.skipChildren();
        return;
      }
      noChoices = true;
      JsonToken token = p.nextToken();
      while (token != null && token != JsonToken.END_ARRAY) {
        noChoices = false;
        if (token == JsonToken.START_OBJECT) {
          choice(p);
        } else {
          p.skipChildren();
        }
        token = p.nextToken();
      }
    }

    private void choice(JsonParser p) throws IOException {
      while (p.nextToken() != JsonToken.END_OBJECT) {
        String field = p.currentName();
        JsonToken value = p.nextToken();
        if (field.equals("finish_reason")
            && value == JsonToken.VALUE_STRING
            && finishReason == null) {
          finishReason = p.getText();
        } else if (field.equals("text")) {
          content |= value == JsonToken.VALUE_STRING && p.getTextLength() > 0;
        } else if (field.equals("delta") && value == JsonToken.START_OBJECT) {
          delta(p);
          continue;
        }
        p.skipChildren();
      }
    }

    private void delta(JsonParser p) throws IOException {
      while (p.nextToken() != JsonToken.END_OBJECT) {
        String field = p.currentName();
        JsonToken value = p.nextToken();
        switch (field) {
          case "content", "reasoning", "reasoning_content", "refusal" ->
              content |= value == JsonToken.VALUE_STRING && p.getTextLength() > 0;
          case "tool_calls", "function_call", "audio" ->
              content |= value == JsonToken.START_ARRAY || value == JsonToken.START_OBJECT;
          default -> {}
        }
        p.skipChildren();
      }
    }

    private void usage(JsonParser p, JsonToken value) throws IOException {
      if (value == JsonToken.START_OBJECT) {
        TokenUsage read = readUsage(p);
        usage = usage == null ? read : usage.updatedBy(read);
      } else {
        p.skipChildren();
      }
    }

    private void usageInside(JsonParser p, JsonToken value) throws IOException {
      if (value != JsonToken.START_OBJECT) {
        p.skipChildren();
        return;
      }
      while (p.nextToken() != JsonToken.END_OBJECT) {
        boolean wanted = p.currentName().equals("usage");
        JsonToken inner = p.nextToken();
        if (wanted) {
          usage(p, inner);
        } else {
          p.skipChildren();
        }
      }
    }

    private void details(JsonParser p, JsonToken value) throws IOException {
      if (value != JsonToken.START_OBJECT) {
        p.skipChildren();
        return;
      }
      long prompt = -1;
      long completion = -1;
      while (p.nextToken() != JsonToken.END_OBJECT) {
        String field = p.currentName();
        JsonToken inner = p.nextToken();
        if (field.equals("generated_tokens")) {
          completion = count(p, inner);
        } else if (field.equals("input_length")) {
          prompt = count(p, inner);
        } else if (field.equals("finish_reason") && inner == JsonToken.VALUE_STRING) {
          finishReason = p.getText();
        } else {
          p.skipChildren();
        }
      }
      usage = new TokenUsage(prompt, completion, -1);
    }
  }
}
