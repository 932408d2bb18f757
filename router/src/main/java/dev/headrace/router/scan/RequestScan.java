package dev.headrace.router.scan;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.scan.ScannedRequest.StreamOptions;
import dev.headrace.router.scan.ScannedRequest.StreamOptions.Shape;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One streaming pass over a JSON body. No tree is built: a prompt may be megabytes, and routing
 * needs a dozen small fields. Where a field occurs twice the last one counts, as it does for the
 * workers; {@code model} twice is refused, because whoever reads the first would disagree with
 * whoever reads the last. One instance reads one body; confined to its caller.
 */
public final class RequestScan {
  /** Deeper nesting is refused: it serves nobody but an attacker. */
  public static final int MAX_DEPTH = 64;

  private static final int HASHED_BYTES = 1024;

  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(1000)
                  .build())
          .build();

  private final byte[] body;
  private @Nullable String model;
  private @Nullable Span modelAt;
  private boolean modelSeen;
  private boolean stream;
  private StreamOptions streamOptions = StreamOptions.ABSENT;
  private long maxTokens = -1;
  private long choices = 1;
  private @Nullable String user;
  private @Nullable Long priority;
  private @Nullable String priorityWord;
  private int messages = -1;
  private int promptBytes;
  private long prefixHash;
  private boolean tools;
  private final PromptReader text;

  private RequestScan(byte[] body) {
    this.body = body;
    this.text = new PromptReader(body);
  }

  /**
   * Reads a body.
   *
   * @throws BodyRefused when it is not one JSON object, nested too deeply, or names two models
   */
  public static ScannedRequest scan(byte[] body) throws BodyRefused {
    requireObject(body);
    RequestScan scan = new RequestScan(body);
    try (JsonParser parser = JSON.createParser(body)) {
      scan.readObject(parser);
    } catch (StreamConstraintsException e) {
      throw new BodyRefused(
          ErrorCode.INVALID_JSON,
          "The request body breaks a limit: " + e.getOriginalMessage(),
          null);
    } catch (JsonProcessingException e) {
      throw new BodyRefused(
          ErrorCode.INVALID_JSON,
          "The request body is not valid JSON at byte "
              + (e.getLocation() == null ? 0 : e.getLocation().getByteOffset())
              + ": "
              + e.getOriginalMessage(),
          null);
    } catch (IOException e) {
      throw new BodyRefused(
          ErrorCode.INVALID_JSON, "The request body is not valid JSON: " + e.getMessage(), null);
    }
    return scan.result();
  }

  /** Only UTF-8 without a mark gets past this, so that byte offsets mean what they say. */
  private static void requireObject(byte[] body) throws BodyRefused {
    int i = 0;
    while (i < body.length && isBlank(body[i])) {
      i++;
    }
    if (i == body.length) {
      throw new BodyRefused(
          ErrorCode.INVALID_JSON, "The request body is empty; a JSON object was expected.", null);
    }
    if (body[i] != '{' || (i + 1 < body.length && body[i + 1] == 0)) {
      throw new BodyRefused(
          ErrorCode.INVALID_BODY, "The request body must be a JSON object in UTF-8.", null);
    }
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  private void readObject(JsonParser p) throws IOException, BodyRefused {
    p.nextToken();
    while (p.nextToken() != JsonToken.END_OBJECT) {
      String field = p.currentName();
      JsonToken value = p.nextToken();
      switch (field) {
        case "model" -> readModel(p, value);
        case "stream" -> stream = value == JsonToken.VALUE_TRUE;
        case "stream_options" -> readStreamOptions(p, value);
        case "max_tokens", "max_completion_tokens", "max_new_tokens", "max_output_tokens" ->
            maxTokens = Math.max(maxTokens, wholeNumber(p, value, -1));
        case "parameters" -> readParameters(p, value);
        case "n" -> choices = wholeNumber(p, value, 1);
        case "user" -> user = value == JsonToken.VALUE_STRING ? p.getText() : null;
        case "priority" -> {
          priority = value == JsonToken.VALUE_NUMBER_INT ? wholeNumber(p, value, 0) : null;
          priorityWord = value == JsonToken.VALUE_STRING ? p.getText() : null;
        }
        case "tools", "functions" -> readTools(p, value);
        case "messages", "prompt", "input", "inputs", "documents", "texts", "content" ->
            readPrompt(p, value);
        case "system", "instructions" -> readInstructions(p, value);
        default -> {}
      }
      // Whatever was not read, an object where a number was expected for one, is passed over whole:
      // its fields are not those of the request.
      p.skipChildren();
    }
    if (p.nextToken() != null) {
      throw new BodyRefused(
          ErrorCode.INVALID_JSON,
          "The request body goes on after the JSON object, at byte "
              + p.currentTokenLocation().getByteOffset()
              + ".",
          null);
    }
  }

  private void readModel(JsonParser p, JsonToken value) throws IOException, BodyRefused {
    if (modelSeen) {
      throw new BodyRefused(
          ErrorCode.INVALID_BODY, "The request body names 'model' more than once.", "model");
    }
    modelSeen = true;
    if (value == JsonToken.VALUE_NULL) {
      return;
    }
    if (value != JsonToken.VALUE_STRING) {
      throw new BodyRefused(ErrorCode.INVALID_PARAMETER, "'model' must be a string.", "model");
    }
    int start = (int) p.currentTokenLocation().getByteOffset();
    String name = p.getText();
    modelAt = new Span(start, (int) p.currentLocation().getByteOffset());
    model = name.isEmpty() ? null : name;
  }

  private void readStreamOptions(JsonParser p, JsonToken value) throws IOException {
    int start = (int) p.currentTokenLocation().getByteOffset();
    boolean empty = true;
    boolean includeUsage = false;
    Span includeUsageAt = null;
    if (value == JsonToken.START_OBJECT) {
      while (p.nextToken() != JsonToken.END_OBJECT) {
        empty = false;
        String field = p.currentName();
        JsonToken inner = p.nextToken();
        int innerStart = (int) p.currentTokenLocation().getByteOffset();
        p.skipChildren();
        if (field.equals("include_usage")) {
          p.finishToken();
          includeUsage = inner == JsonToken.VALUE_TRUE;
          includeUsageAt = new Span(innerStart, (int) p.currentLocation().getByteOffset());
        }
      }
    } else {
      p.skipChildren();
      p.finishToken();
    }
    Shape shape =
        switch (value) {
          case START_OBJECT -> Shape.OBJECT;
          case VALUE_NULL -> Shape.NULL;
          default -> Shape.OTHER;
        };
    Span at = new Span(start, (int) p.currentLocation().getByteOffset());
    streamOptions = new StreamOptions(shape, at, empty, includeUsage, includeUsageAt);
  }

  /** TGI's native form keeps its limit inside {@code parameters}. */
  private void readParameters(JsonParser p, JsonToken value) throws IOException {
    if (value != JsonToken.START_OBJECT) {
      p.skipChildren();
      return;
    }
    while (p.nextToken() != JsonToken.END_OBJECT) {
      boolean limit = p.currentName().equals("max_new_tokens");
      JsonToken inner = p.nextToken();
      if (limit) {
        maxTokens = Math.max(maxTokens, wholeNumber(p, inner, -1));
      } else {
        p.skipChildren();
      }
    }
  }

  private void readPrompt(JsonParser p, JsonToken value) throws IOException {
    int start = (int) p.currentTokenLocation().getByteOffset();
    if (value == JsonToken.START_ARRAY) {
      messages = readList(p, value);
    } else {
      p.skipChildren();
      p.finishToken();
      if (messages < 0) {
        messages = 1;
      }
    }
    int end = (int) p.currentLocation().getByteOffset();
    promptBytes += end - start;
    prefixHash = hash(start, Math.min(end, start + HASHED_BYTES));
    text.addPrompt(new Span(start, end));
  }

  /** Prompt by its cost, but not the part that the endpoint's own field holds. */
  private void readInstructions(JsonParser p, JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_STRING || value == JsonToken.START_ARRAY) {
      int start = (int) p.currentTokenLocation().getByteOffset();
      p.skipChildren();
      p.finishToken();
      text.addPrompt(new Span(start, (int) p.currentLocation().getByteOffset()));
    }
  }

  private void readTools(JsonParser p, JsonToken value) throws IOException {
    int start = (int) p.currentTokenLocation().getByteOffset();
    if (readList(p, value) > 0) {
      tools = true;
      text.addJson(new Span(start, (int) p.currentLocation().getByteOffset()));
    }
  }

  private static int readList(JsonParser p, JsonToken value) throws IOException {
    if (value != JsonToken.START_ARRAY) {
      p.skipChildren();
      return 0;
    }
    int count = 0;
    while (p.nextToken() != JsonToken.END_ARRAY) {
      count++;
      p.skipChildren();
    }
    return count;
  }

  /** The number, or {@code otherwise} for anything that is not a whole number of usual size. */
  private static long wholeNumber(JsonParser p, JsonToken value, long otherwise)
      throws IOException {
    if (value != JsonToken.VALUE_NUMBER_INT) {
      p.skipChildren();
      return otherwise;
    }
    String text = p.getText();
    return text.length() > 18 ? otherwise : Long.parseLong(text);
  }

  /** FNV-1a, 64 bits: cheap, and good enough to find equal beginnings. */
  private long hash(int from, int to) {
    long hash = 0xcbf29ce484222325L;
    for (int i = from; i < to; i++) {
      hash = (hash ^ (body[i] & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  private ScannedRequest result() {
    return new ScannedRequest(
        ScannedRequest.Form.JSON,
        model,
        modelAt,
        stream,
        streamOptions,
        maxTokens,
        choices,
        user,
        priority,
        priorityWord,
        messages,
        promptBytes,
        prefixHash,
        tools,
        text.text());
  }
}
