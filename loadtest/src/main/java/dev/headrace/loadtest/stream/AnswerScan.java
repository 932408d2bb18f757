package dev.headrace.loadtest.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads from one JSON document, a stream's chunk or a whole answer, what a measurement needs: is
 * there content, is it finished, is it an error, what was counted. One pass, no tree. Unknown
 * fields are skipped. Confined to one thread; each {@link #scan} replaces what the last one found.
 */
final class AnswerScan {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(64).build())
          .build();

  private boolean content;
  private boolean visible;
  private boolean finished;
  private @Nullable String error;
  private @Nullable TokenUsage usage;

  /**
   * @return false when it is not one JSON object
   */
  boolean scan(byte[] bytes, int length) {
    content = false;
    visible = false;
    finished = false;
    error = null;
    usage = null;
    try (JsonParser json = JSON.createParser(bytes, 0, length)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        JsonToken value = json.nextToken();
        switch (field) {
          case "choices" -> choices(json, value);
          case "usage" -> usage(json, value);
          case "error" -> error(json, value);
          default -> json.skipChildren();
        }
      }
      return json.currentToken() == JsonToken.END_OBJECT;
    } catch (IOException e) {
      return false;
    }
  }

  /** Text, reasoning or a tool call was in it. */
  boolean content() {
    return content;
  }

  /** Text that a user sees was in it: not reasoning, not a tool call. */
  boolean visible() {
    return visible;
  }

  /** A finish reason was in it. */
  boolean finished() {
    return finished;
  }

  @Nullable String error() {
    return error;
  }

  @Nullable TokenUsage usage() {
    return usage;
  }

  private void choices(JsonParser json, JsonToken value) throws IOException {
    if (value != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.START_OBJECT) {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        JsonToken inner = json.nextToken();
        switch (field) {
          case "delta", "message" -> message(json, inner);
          case "text" -> text(json, inner, true);
          case "finish_reason" -> finished |= inner == JsonToken.VALUE_STRING;
          default -> json.skipChildren();
        }
      }
    }
  }

  private void message(JsonParser json, JsonToken value) throws IOException {
    if (value != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken inner = json.nextToken();
      switch (field) {
        case "content" -> text(json, inner, true);
        case "reasoning_content", "reasoning", "refusal" -> text(json, inner, false);
        case "tool_calls" -> {
          if (inner == JsonToken.START_ARRAY && json.nextToken() != JsonToken.END_ARRAY) {
            content = true;
            json.skipChildren();
            while (json.nextToken() != JsonToken.END_ARRAY) {
              json.skipChildren();
            }
          }
        }
        default -> json.skipChildren();
      }
    }
  }

  private void text(JsonParser json, JsonToken value, boolean isVisible) throws IOException {
    if (value == JsonToken.VALUE_STRING) {
      if (json.getTextLength() > 0) {
        content = true;
        visible |= isVisible;
      }
    } else {
      json.skipChildren();
    }
  }

  private void usage(JsonParser json, JsonToken value) throws IOException {
    if (value != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    long prompt = 0;
    long completion = 0;
    long cached = 0;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken inner = json.nextToken();
      switch (field) {
        case "prompt_tokens" -> prompt = number(json, inner);
        case "completion_tokens" -> completion = number(json, inner);
        case "prompt_tokens_details" -> cached = cached(json, inner);
        default -> json.skipChildren();
      }
    }
    usage = new TokenUsage(prompt, completion, cached);
  }

  private static long cached(JsonParser json, JsonToken value) throws IOException {
    long cached = 0;
    if (value == JsonToken.START_OBJECT) {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = json.currentName().equals("cached_tokens");
        JsonToken inner = json.nextToken();
        if (wanted) {
          cached = number(json, inner);
        } else {
          json.skipChildren();
        }
      }
    }
    return cached;
  }

  private static long number(JsonParser json, JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_NUMBER_INT) {
      return Math.max(0, json.getLongValue());
    }
    json.skipChildren();
    return 0;
  }

  private void error(JsonParser json, JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_NULL) {
      return;
    }
    error = value.isScalarValue() ? json.getText() : "error without a message";
    if (value == JsonToken.START_OBJECT) {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = json.currentName().equals("message");
        JsonToken inner = json.nextToken();
        if (wanted && inner == JsonToken.VALUE_STRING) {
          error = json.getText();
        } else {
          json.skipChildren();
        }
      }
    } else {
      json.skipChildren();
    }
  }
}
