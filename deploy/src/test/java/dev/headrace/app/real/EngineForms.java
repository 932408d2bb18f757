package dev.headrace.app.real;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.StreamEnd;

/** The plainest well-formed answer of each endpoint, whole and as a stream. */
final class EngineForms {
  private EngineForms() {}

  static String whole(Endpoint endpoint) {
    return switch (endpoint) {
      case CHAT ->
          """
          {"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,\
          "message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],\
          "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""";
      case COMPLETIONS ->
          """
          {"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,\
          "text":"hi","finish_reason":"stop"}],\
          "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""";
      case EMBEDDINGS, POOLING ->
          """
          {"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0.5]}],\
          "usage":{"prompt_tokens":1,"total_tokens":1}}""";
      case RESPONSES ->
          """
          {"id":"r","object":"response","created_at":1,"status":"completed","model":"m","output":[],\
          "usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}""";
      case MESSAGES ->
          """
          {"id":"m","type":"message","role":"assistant","model":"m","stop_reason":"end_turn",\
          "content":[{"type":"text","text":"hi"}],"usage":{"input_tokens":1,"output_tokens":1}}""";
      case COUNT_TOKENS -> "{\"input_tokens\":1}";
      case RERANK -> "{\"model\":\"m\",\"results\":[{\"index\":0,\"relevance_score\":0.5}]}";
      case SCORE, CLASSIFY ->
          "{\"object\":\"list\",\"model\":\"m\",\"data\":[{\"index\":0,\"score\":0.5}]}";
      case MODERATIONS -> "{\"id\":\"m\",\"model\":\"m\",\"results\":[{\"flagged\":false}]}";
      case TOKENIZE -> "{\"count\":1,\"tokens\":[1]}";
      case DETOKENIZE -> "{\"prompt\":\"hi\"}";
      case APPLY_TEMPLATE -> "{\"prompt\":\"user: hi\"}";
      case TRANSCRIPTIONS, TRANSLATIONS -> "{\"text\":\"hi\"}";
      case SPEECH -> "";
      case IMAGES -> "{\"created\":1,\"data\":[{\"b64_json\":\"aGk=\"}]}";
      case GENERATE -> "{\"generated_text\":\"hi\"}";
      case GENERATE_STREAM -> "";
    };
  }

  /** A stream that carries a word and ends with the mark. */
  static String stream(Endpoint endpoint, StreamEnd end) {
    return switch (end) {
      case MESSAGE_STOP ->
          """
          event: message_start
          data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant",\
          "model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":0}}}

          event: content_block_start
          data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

          event: content_block_delta
          data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}

          event: content_block_stop
          data: {"type":"content_block_stop","index":0}

          event: message_delta
          data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}

          event: message_stop
          data: {"type":"message_stop"}

          """;
      case RESPONSE_TERMINAL ->
          """
          event: response.created
          data: {"type":"response.created","sequence_number":0,"response":{"id":"r","status":"in_progress"}}

          event: response.output_text.delta
          data: {"type":"response.output_text.delta","sequence_number":1,"delta":"hi"}

          event: response.completed
          data: {"type":"response.completed","sequence_number":2,"response":{"id":"r","status":"completed"}}

          """;
      case GENERATED_TEXT ->
          """
          data:{"index":1,"token":{"id":1,"text":"hi","logprob":0.0,"special":false},"generated_text":"hi","details":null}

          """;
      default -> openAi(endpoint);
    };
  }

  private static String openAi(Endpoint endpoint) {
    String part = endpoint == Endpoint.CHAT ? "\"delta\":{\"content\":\"hi\"}" : "\"text\":\"hi\"";
    return """
        data: {"id":"c","created":1,"model":"m","choices":[{"index":0,%s,"finish_reason":null}]}

        data: {"id":"c","created":1,"model":"m","choices":[{"index":0,%s,"finish_reason":"stop"}]}

        data: [DONE]

        """
        .formatted(part, part);
  }
}
