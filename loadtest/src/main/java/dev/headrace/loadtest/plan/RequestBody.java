package dev.headrace.loadtest.plan;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes the JSON of planned requests. Immutable, any thread.
 *
 * @param ignoreEos asks the worker to go on to the token limit; vLLM, SGLang and llama.cpp know it,
 *     cloud APIs may refuse it
 */
public record RequestBody(BenchEndpoint endpoint, String model, boolean stream, boolean ignoreEos) {
  private static final JsonFactory JSON = new JsonFactory();

  public byte[] of(Arrival arrival) {
    String text = PromptText.of(arrival);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() + 256);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("model", model);
      switch (endpoint) {
        case CHAT -> {
          json.writeArrayFieldStart("messages");
          json.writeStartObject();
          json.writeStringField("role", "user");
          json.writeStringField("content", text);
          json.writeEndObject();
          json.writeEndArray();
        }
        case COMPLETIONS -> json.writeStringField("prompt", text);
        case EMBEDDINGS -> json.writeStringField("input", text);
      }
      if (endpoint.generates()) {
        json.writeNumberField("max_tokens", arrival.maxTokens());
        if (ignoreEos) {
          json.writeBooleanField("ignore_eos", true);
        }
        json.writeBooleanField("stream", stream);
        if (stream) {
          json.writeObjectFieldStart("stream_options");
          json.writeBooleanField("include_usage", true);
          json.writeEndObject();
        }
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }
}
