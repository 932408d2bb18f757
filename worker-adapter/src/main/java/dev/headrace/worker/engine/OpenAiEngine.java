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

  /** Gemini, Anthropic, DashScope, Mistral; 40303 is FastChat's code. */
  private static final List<String> CONTEXT_WORDS =
      List.of(
          "input token count",
          "range of input length",
          "too large for model",
          "\"code\":40303",
          "context overflow");

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
    return status == 400 && error.says(CONTEXT_WORDS) ? FailureKind.CONTEXT_TOO_LONG : null;
  }
}
