package dev.headrace.router.error;

/**
 * Every way in which the router itself refuses or fails a request: the closed taxonomy behind error
 * bodies, metric labels and retries. The constant's name in lower case is the {@code code} that
 * clients and operators see.
 */
public enum ErrorCode {
  INVALID_JSON(400, Type.INVALID_REQUEST, Blame.CLIENT),
  INVALID_BODY(400, Type.INVALID_REQUEST, Blame.CLIENT),
  MISSING_MODEL(400, Type.INVALID_REQUEST, Blame.CLIENT),
  INVALID_PARAMETER(400, Type.INVALID_REQUEST, Blame.CLIENT),
  BAD_FRAMING(400, Type.INVALID_REQUEST, Blame.CLIENT),
  CONTEXT_LENGTH_EXCEEDED(400, Type.INVALID_REQUEST, Blame.CLIENT),
  INVALID_API_KEY(401, Type.AUTHENTICATION, Blame.CLIENT),
  MODEL_FORBIDDEN(403, Type.PERMISSION, Blame.CLIENT),
  MODEL_NOT_FOUND(404, Type.INVALID_REQUEST, Blame.CLIENT),
  UNSUPPORTED_ENDPOINT(404, Type.INVALID_REQUEST, Blame.CLIENT),
  /** A web page of another origin asks, through a browser that stands inside. */
  CROSS_ORIGIN(403, Type.PERMISSION, Blame.CLIENT),
  UNKNOWN_PATH(404, Type.INVALID_REQUEST, Blame.CLIENT),
  UNKNOWN_WORKER(404, Type.INVALID_REQUEST, Blame.CLIENT),
  METHOD_NOT_ALLOWED(405, Type.INVALID_REQUEST, Blame.CLIENT),
  /** What was asked does not fit the state that things are in. */
  CONFLICT(409, Type.INVALID_REQUEST, Blame.CLIENT),
  REQUEST_TIMEOUT(408, Type.INVALID_REQUEST, Blame.CLIENT),
  REQUEST_TOO_LARGE(413, Type.INVALID_REQUEST, Blame.CLIENT),
  UNSUPPORTED_MEDIA_TYPE(415, Type.INVALID_REQUEST, Blame.CLIENT),
  RATE_LIMIT_EXCEEDED(429, Type.RATE_LIMIT, Blame.CLIENT),
  /** Workers serve the model, and all of them are full. */
  NO_CAPACITY(429, Type.RATE_LIMIT, Blame.CAPACITY),
  /** All workers are full, and as many requests wait as may. */
  QUEUE_FULL(429, Type.RATE_LIMIT, Blame.CAPACITY),
  /** No place came free in the time that the request may wait. */
  QUEUE_TIMEOUT(503, Type.OVERLOADED, Blame.CAPACITY),
  /** The client left; seen in logs and metrics only. */
  CLIENT_CLOSED_REQUEST(499, Type.INVALID_REQUEST, Blame.CLIENT),
  INTERNAL_ERROR(500, Type.API, Blame.ROUTER),
  /** All attempts on workers failed. */
  WORKER_FAILED(502, Type.API, Blame.WORKER),
  /** A worker's stream ended without its end mark. */
  STREAM_TRUNCATED(502, Type.API, Blame.WORKER),
  /** Workers serve the model, and none is routable now. */
  NO_WORKER_AVAILABLE(503, Type.OVERLOADED, Blame.CAPACITY),
  /** The router holds as much as it may. */
  ROUTER_OVERLOADED(503, Type.OVERLOADED, Blame.CAPACITY),
  SHUTTING_DOWN(503, Type.OVERLOADED, Blame.ROUTER),
  FIRST_TOKEN_TIMEOUT(504, Type.TIMEOUT, Blame.WORKER),
  IDLE_TIMEOUT(504, Type.TIMEOUT, Blame.WORKER),
  TOTAL_TIMEOUT(504, Type.TIMEOUT, Blame.WORKER);

  /** The {@code type} of the error body in OpenAI's and in Anthropic's words. */
  public enum Type {
    INVALID_REQUEST("invalid_request_error", "invalid_request_error"),
    AUTHENTICATION("authentication_error", "authentication_error"),
    PERMISSION("permission_error", "permission_error"),
    RATE_LIMIT("rate_limit_error", "rate_limit_error"),
    OVERLOADED("server_error", "overloaded_error"),
    TIMEOUT("timeout_error", "timeout_error"),
    API("server_error", "api_error");

    private final String openai;
    private final String anthropic;

    Type(String openai, String anthropic) {
      this.openai = openai;
      this.anthropic = anthropic;
    }

    public String openai() {
      return openai;
    }

    public String anthropic() {
      return anthropic;
    }
  }

  /** Whose fault it is. */
  public enum Blame {
    CLIENT,
    ROUTER,
    WORKER,
    CAPACITY
  }

  private final int status;
  private final Type type;
  private final Blame blame;
  private final String code;

  ErrorCode(int status, Type type, Blame blame) {
    this.status = status;
    this.type = type;
    this.blame = blame;
    this.code = name().toLowerCase(java.util.Locale.ROOT);
  }

  /** HTTP status. */
  public int status() {
    return status;
  }

  public Type type() {
    return type;
  }

  public Blame blame() {
    return blame;
  }

  /** The {@code code} field and the metric label. */
  public String code() {
    return code;
  }
}
