package dev.headrace.worker.engine;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.WorkerHealth;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Any server or cloud that follows OpenAI's API and is none of the others: all of OpenAI's
 * endpoints, and those that many of its followers add. What one of them lacks it answers with 404,
 * and the request goes elsewhere.
 *
 * <p>Its connections are given up after 5 s of silence, because many such servers stand on uvicorn.
 */
final class OpenAiEngine extends OpenAiShaped {

  /** Gemini, DashScope, Mistral, LM Studio. */
  private static final List<String> CONTEXT_WORDS =
      List.of(
          "input token count",
          "range of input length",
          "too large for model",
          "context the overflows");

  OpenAiEngine() {
    super(
        "openai",
        Endpoint.CHAT,
        Endpoint.COMPLETIONS,
        Endpoint.EMBEDDINGS,
        Endpoint.RESPONSES,
        Endpoint.MESSAGES,
        Endpoint.COUNT_TOKENS,
        Endpoint.RERANK,
        Endpoint.MODERATIONS,
        Endpoint.TRANSCRIPTIONS,
        Endpoint.TRANSLATIONS,
        Endpoint.SPEECH,
        Endpoint.IMAGES);
  }

  /** The only cheap question that all of them answer. */
  @Override
  public String healthPath() {
    return modelsPath();
  }

  /** One that has no model list, or limits the rate of asking, still lives. */
  @Override
  public WorkerHealth health(int status, String body) {
    if (status == 401 || status == 403) {
      return WorkerHealth.down("refuses the API key (" + status + ")");
    }
    return status >= 400 && status < 500 ? WorkerHealth.READY : super.health(status, body);
  }

  @Override
  @Nullable FailureKind ownFailure(int status, EngineError error) {
    if (status == 400 && error.says(CONTEXT_WORDS)) {
      return FailureKind.CONTEXT_TOO_LONG;
    }
    return switch (error.code()) {
      // FastChat answers 400 to everything and tells the rest in five digits.
      case "40303" -> FailureKind.CONTEXT_TOO_LONG;
      case "40301" -> FailureKind.UNKNOWN_MODEL;
      case "42901", "42903", "50005" -> FailureKind.FULL;
      // Zhipu.
      case "1211" -> FailureKind.UNKNOWN_MODEL;
      case "1302", "1305" -> FailureKind.FULL;
      case "1113", "1308", "1310" -> FailureKind.BAD_CREDENTIAL;
      default -> null;
    };
  }
}
