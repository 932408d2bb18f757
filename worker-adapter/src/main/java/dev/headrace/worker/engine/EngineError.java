package dev.headrace.worker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.worker.LenientJson;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An engine's error in one form, whichever of the many shapes it came in: nested {@code error}
 * objects (OpenAI, Anthropic, vLLM, llama.cpp), flat objects (TGI, SGLang, TensorRT-LLM, older
 * vLLM), {@code detail} (FastAPI), arrays of one (Gemini), a Responses event, a bare string, or no
 * JSON at all. Nothing is ever null or thrown: what is absent is an empty text.
 *
 * @param message the text for people, lower case; the whole body when it has no known shape
 * @param type the class of error, lower case
 * @param code the machine's code, lower case; a number as its digits
 * @param param the request field at fault, lower case
 * @param status the HTTP status that the body itself names, or 0
 */
record EngineError(String message, String type, String code, String param, int status) {

  static EngineError parse(String body) {
    JsonNode root = LenientJson.read(body);
    if (root.isArray() && !root.isEmpty()) {
      root = root.get(0);
    }
    if (!root.isObject()) {
      return new EngineError(lower(root.isTextual() ? root.textValue() : body), "", "", "", 0);
    }
    JsonNode outer = root.path("response").isObject() ? root.path("response") : root;
    JsonNode inner = outer.has("error") ? outer.path("error") : root.path("detail").path("error");
    if (inner.isTextual()) {
      String type = LenientJson.text(outer, "error_type");
      return new EngineError(
          lower(inner.textValue()),
          lower(type != null ? type : LenientJson.text(outer, "type")),
          "",
          "",
          status(outer));
    }
    JsonNode error = inner.isObject() ? inner : root;
    String message = LenientJson.text(error, "message");
    if (message == null) {
      JsonNode detail = root.path("detail");
      message = detail.isMissingNode() ? body : detail.isTextual() ? detail.textValue() : body;
    }
    return new EngineError(
        lower(message),
        lower(LenientJson.text(error, "type")),
        code(error),
        lower(LenientJson.text(error, "param")),
        status(error));
  }

  /** True when the message holds one of the texts, all given in lower case. */
  boolean says(Iterable<String> texts) {
    for (String text : texts) {
      if (message.contains(text)) {
        return true;
      }
    }
    return false;
  }

  boolean says(String text) {
    return message.contains(text);
  }

  private static String code(JsonNode error) {
    JsonNode code = error.path("code");
    return code.isTextual() || code.isInt() ? lower(code.asText()) : "";
  }

  private static int status(JsonNode error) {
    Integer status = LenientJson.count(error, "http_status_code");
    if (status == null) {
      status = LenientJson.count(error, "code");
    }
    return status != null && status >= 400 && status <= 599 ? status : 0;
  }

  private static String lower(@Nullable String text) {
    return text == null ? "" : text.toLowerCase(Locale.ROOT);
  }
}
