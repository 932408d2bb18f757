package dev.headrace.app.real;

import dev.headrace.worker.Endpoint;

/**
 * A small valid request of one endpoint.
 *
 * @param contentType of the body
 * @param body with the model's name in it
 */
record EndpointRequest(String contentType, String body) {
  private static final String BOUNDARY = "headrace-boundary";

  /** Asks this endpoint of this model, for a stream or for a whole answer. */
  static EndpointRequest of(Endpoint endpoint, String model, boolean stream) {
    if (endpoint.body() == Endpoint.Body.MULTIPART) {
      return new EndpointRequest(
          "multipart/form-data; boundary=" + BOUNDARY,
          part("model\"", model)
              + (stream ? part("stream\"", "true") : "")
              + part("file\"; filename=\"a.wav\"", "not really sound")
              + "--"
              + BOUNDARY
              + "--\r\n");
    }
    String end = stream ? ",\"stream\":true}" : "}";
    return new EndpointRequest(
        "application/json", "{\"model\":\"%s\",".formatted(model) + fields(endpoint) + end);
  }

  private static String fields(Endpoint endpoint) {
    return switch (endpoint) {
      case CHAT -> "\"max_tokens\":4,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]";
      case COMPLETIONS -> "\"max_tokens\":4,\"prompt\":\"hello\"";
      case EMBEDDINGS, MODERATIONS, POOLING, CLASSIFY -> "\"input\":\"hello\"";
      case RESPONSES -> "\"max_output_tokens\":16,\"input\":\"hello\"";
      case MESSAGES -> "\"max_tokens\":4,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]";
      case COUNT_TOKENS, APPLY_TEMPLATE ->
          "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]";
      case RERANK -> "\"query\":\"hello\",\"documents\":[\"water\",\"stone\"]";
      case SCORE -> "\"text_1\":\"hello\",\"text_2\":[\"water\",\"stone\"]";
      case TOKENIZE ->
          "\"prompt\":\"hello\",\"content\":\"hello\",\"inputs\":\"hello\",\"text\":\"hello\"";
      case DETOKENIZE -> "\"tokens\":[5,6]";
      case SPEECH -> "\"input\":\"hello\",\"voice\":\"alloy\"";
      case IMAGES -> "\"prompt\":\"a mill\"";
      case GENERATE, GENERATE_STREAM ->
          "\"inputs\":\"hello\",\"parameters\":{\"max_new_tokens\":4}";
      case TRANSCRIPTIONS, TRANSLATIONS ->
          throw new IllegalArgumentException(endpoint + " has no JSON body");
    };
  }

  private static String part(String name, String content) {
    return "--%s\r\nContent-Disposition: form-data; name=\"%s\r\n\r\n%s\r\n"
        .formatted(BOUNDARY, name, content);
  }
}
