package dev.headrace.router.exchange;

import dev.headrace.router.dispatch.BalanceDispatch;
import dev.headrace.router.error.ErrorBody;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.Worker;
import dev.headrace.worker.Endpoint;
import dev.headrace.worker.Endpoint.Dialect;
import dev.headrace.worker.WorkerAddress;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns a worker's last word into the client's error: its meaning gives status and code, its own
 * body passes when it already has the endpoint's form, everything else is wrapped. Addresses of
 * workers never pass. Pure.
 */
final class WorkerErrors {
  private static final int MAX_MESSAGE = 1000;

  private WorkerErrors() {}

  /**
   * What the client gets.
   *
   * @param body JSON text
   * @param retryAfterMillis or -1
   */
  record Answer(int status, ErrorCode code, String message, String body, long retryAfterMillis) {}

  static Answer answer(
      Endpoint endpoint, Worker worker, AttemptFailure failure, String model, String requestId) {
    if (failure.cause() == AttemptFailure.Cause.LOCAL) {
      return own(
          endpoint,
          ErrorCode.ROUTER_OVERLOADED,
          "The router has no connection left for a worker.",
          BalanceDispatch.RETRY_FULL_MILLIS,
          requestId);
    }
    JsonObject json = parse(failure.body());
    String told = clean(told(json, failure.body()), worker);
    return switch (failure.kind()) {
      case BAD_REQUEST -> clientFault(endpoint, worker, failure, json, told, requestId);
      case CONTEXT_TOO_LONG ->
          own(
              endpoint,
              ErrorCode.CONTEXT_LENGTH_EXCEEDED,
              told == null ? "The prompt does not fit the model's context length." : told,
              -1,
              requestId);
      case FULL ->
          own(
              endpoint,
              ErrorCode.NO_CAPACITY,
              "All workers that serve the model '" + model + "' are full.",
              BalanceDispatch.RETRY_FULL_MILLIS,
              requestId);
      case NOT_READY ->
          own(
              endpoint,
              ErrorCode.NO_WORKER_AVAILABLE,
              "The workers that serve the model '" + model + "' are not ready.",
              BalanceDispatch.RETRY_NONE_MILLIS,
              requestId);
      case UNKNOWN_MODEL ->
          own(
              endpoint,
              ErrorCode.MODEL_NOT_FOUND,
              "The workers no longer know the model '" + model + "'.",
              -1,
              requestId);
      case UNSUPPORTED ->
          own(
              endpoint,
              ErrorCode.UNSUPPORTED_ENDPOINT,
              "The workers that serve the model '" + model + "' do not have this endpoint.",
              -1,
              requestId);
      case BAD_CREDENTIAL ->
          own(
              endpoint,
              ErrorCode.WORKER_FAILED,
              "The worker refused the router's credential.",
              -1,
              requestId);
      case BROKEN -> broken(endpoint, worker, failure, json, told, requestId);
    };
  }

  private static Answer clientFault(
      Endpoint endpoint,
      Worker worker,
      AttemptFailure failure,
      @Nullable JsonObject json,
      @Nullable String told,
      String requestId) {
    int status = failure.status() >= 400 && failure.status() < 500 ? failure.status() : 400;
    String message = told == null ? "The worker refused the request." : told;
    String body = passes(endpoint, json, failure.body(), worker);
    if (body == null) {
      body = wrapped(endpoint, ErrorCode.INVALID_PARAMETER, message, json, requestId);
    }
    return new Answer(status, ErrorCode.INVALID_PARAMETER, message, body, -1);
  }

  private static Answer broken(
      Endpoint endpoint,
      Worker worker,
      AttemptFailure failure,
      @Nullable JsonObject json,
      @Nullable String told,
      String requestId) {
    String body = passes(endpoint, json, failure.body(), worker);
    if (body != null) {
      return new Answer(
          ErrorCode.WORKER_FAILED.status(),
          ErrorCode.WORKER_FAILED,
          told == null ? "" : told,
          body,
          -1);
    }
    String message =
        switch (failure.cause()) {
          case CONNECT, LOCAL -> "No worker could be reached.";
          case CLOSED_BEFORE_HEAD -> "The worker closed the connection before it answered.";
          case TRUNCATED -> "The worker's answer broke off.";
          case NOT_A_STREAM -> "The worker did not answer with a stream.";
          case STATUS, ERROR_EVENT ->
              told == null ? "The worker failed." : "The worker failed: " + told;
        };
    return own(endpoint, ErrorCode.WORKER_FAILED, message, -1, requestId);
  }

  private static Answer own(
      Endpoint endpoint, ErrorCode code, String message, long retryAfterMillis, String requestId) {
    String body = ErrorBody.render(endpoint.dialect(), code, message, null, requestId).encode();
    return new Answer(code.status(), code, message, body, retryAfterMillis);
  }

  /** Keeps the worker's type and param where it told them in OpenAI's words. */
  private static String wrapped(
      Endpoint endpoint,
      ErrorCode code,
      String message,
      @Nullable JsonObject json,
      String requestId) {
    if (endpoint.dialect() != Dialect.OPENAI || json == null) {
      return ErrorBody.render(endpoint.dialect(), code, message, null, requestId).encode();
    }
    JsonObject inner = json.getValue("error") instanceof JsonObject nested ? nested : json;
    String type = inner.getValue("type") instanceof String text ? text : code.type().openai();
    String param = inner.getValue("param") instanceof String text ? text : null;
    String told = inner.getValue("code") instanceof String text ? text : null;
    return ErrorBody.openai(message, type, param, told).encode();
  }

  /** The body itself when it has the endpoint's form and tells no address, else null. */
  private static @Nullable String passes(
      Endpoint endpoint, @Nullable JsonObject json, @Nullable String body, Worker worker) {
    if (json == null || body == null || tellsAddress(body, worker)) {
      return null;
    }
    Object error = json.getValue("error");
    boolean form =
        switch (endpoint.dialect()) {
          case OPENAI ->
              error instanceof JsonObject inner
                  && inner.getValue("message") instanceof String
                  && inner.getValue("type") instanceof String
                  && inner.containsKey("param")
                  && inner.containsKey("code");
          case ANTHROPIC ->
              "error".equals(json.getValue("type"))
                  && error instanceof JsonObject inner
                  && inner.getValue("type") instanceof String;
          case TGI -> error instanceof String && json.getValue("error_type") instanceof String;
        };
    return form ? body : null;
  }

  private static @Nullable JsonObject parse(@Nullable String body) {
    if (body == null || !body.stripLeading().startsWith("{")) {
      return null;
    }
    try {
      return new JsonObject(body);
    } catch (DecodeException e) {
      return null;
    }
  }

  /** What the worker said to a person, wherever its dialect keeps that. */
  private static @Nullable String told(@Nullable JsonObject json, @Nullable String body) {
    if (json != null) {
      Object error = json.getValue("error");
      Object message = error instanceof JsonObject inner ? inner.getValue("message") : error;
      for (Object candidate :
          new Object[] {message, json.getValue("message"), json.getValue("detail")}) {
        if (candidate instanceof String text && !text.isBlank()) {
          return text;
        }
      }
      return null;
    }
    if (body == null || body.isBlank() || body.stripLeading().startsWith("<")) {
      return null;
    }
    return body.strip();
  }

  private static @Nullable String clean(@Nullable String message, Worker worker) {
    if (message == null) {
      return null;
    }
    String told = address(worker).matcher(message).replaceAll("the worker");
    return told.length() > MAX_MESSAGE ? told.substring(0, MAX_MESSAGE) + "…" : told;
  }

  private static boolean tellsAddress(String text, Worker worker) {
    return address(worker).matcher(text).find();
  }

  /**
   * The worker's address wherever it stands as a word of its own: the host, with or without scheme
   * and port, or a port behind some other name for the host. {@code "limit":8000} is no address.
   */
  private static Pattern address(Worker worker) {
    WorkerAddress at = worker.spec().address();
    return Pattern.compile(
        "(?:https?://)?(?<![\\w.-])\\[?"
            + Pattern.quote(at.host())
            + "\\]?(?::\\d{1,5})?(?![\\w-])|(?:https?://)?[\\w.\\]-]*[\\w\\]]:"
            + at.port()
            + "(?!\\d)",
        Pattern.CASE_INSENSITIVE);
  }
}
