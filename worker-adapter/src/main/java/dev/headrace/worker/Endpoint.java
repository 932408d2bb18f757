package dev.headrace.worker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The inference operations that the router passes through to workers. All are {@code POST}. The
 * first path is the canonical one; the others are spellings that clients of some engine use for the
 * same operation.
 */
@SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
public enum Endpoint {
  CHAT("chat", Body.JSON, Dialect.OPENAI, "/v1/chat/completions"),
  COMPLETIONS("completions", Body.JSON, Dialect.OPENAI, "/v1/completions"),
  EMBEDDINGS("embeddings", Body.JSON, Dialect.OPENAI, "/v1/embeddings"),
  RESPONSES("responses", Body.JSON, Dialect.OPENAI, "/v1/responses"),
  MESSAGES("messages", Body.JSON, Dialect.ANTHROPIC, "/v1/messages"),
  COUNT_TOKENS("count_tokens", Body.JSON, Dialect.ANTHROPIC, "/v1/messages/count_tokens"),
  RERANK("rerank", Body.JSON, Dialect.OPENAI, "/v1/rerank", "/rerank"),
  SCORE("score", Body.JSON, Dialect.OPENAI, "/v1/score", "/score"),
  MODERATIONS("moderations", Body.JSON, Dialect.OPENAI, "/v1/moderations"),
  POOLING("pooling", Body.JSON, Dialect.OPENAI, "/pooling"),
  CLASSIFY("classify", Body.JSON, Dialect.OPENAI, "/classify"),
  TOKENIZE("tokenize", Body.JSON, Dialect.OPENAI, "/tokenize"),
  DETOKENIZE("detokenize", Body.JSON, Dialect.OPENAI, "/detokenize"),
  APPLY_TEMPLATE("apply_template", Body.JSON, Dialect.OPENAI, "/apply-template"),
  TRANSCRIPTIONS("transcriptions", Body.MULTIPART, Dialect.OPENAI, "/v1/audio/transcriptions"),
  TRANSLATIONS("translations", Body.MULTIPART, Dialect.OPENAI, "/v1/audio/translations"),
  SPEECH("speech", Body.JSON, Dialect.OPENAI, "/v1/audio/speech"),
  IMAGES("images", Body.JSON, Dialect.OPENAI, "/v1/images/generations"),
  GENERATE("generate", Body.JSON, Dialect.TGI, "/generate"),
  GENERATE_STREAM("generate_stream", Body.JSON, Dialect.TGI, "/generate_stream");

  /** How the request body is encoded. */
  public enum Body {
    JSON,
    MULTIPART
  }

  /** Whose form requests, errors and stream events have on this endpoint. */
  public enum Dialect {
    OPENAI,
    ANTHROPIC,
    TGI
  }

  private static final Map<String, Endpoint> BY_PATH = new HashMap<>();

  static {
    for (Endpoint endpoint : values()) {
      for (String path : endpoint.paths) {
        BY_PATH.put(path, endpoint);
      }
    }
  }

  private final String label;
  private final Body body;
  private final Dialect dialect;
  private final List<String> paths;

  Endpoint(String label, Body body, Dialect dialect, String... paths) {
    this.label = label;
    this.body = body;
    this.dialect = dialect;
    this.paths = List.of(paths);
  }

  /** The value of the {@code endpoint} label in metrics and logs. */
  public String label() {
    return label;
  }

  public Body body() {
    return body;
  }

  public Dialect dialect() {
    return dialect;
  }

  /** The canonical path, as it stands in the API of the one who defined it. */
  public String path() {
    return paths.get(0);
  }

  /** All paths under which the router serves it; the first is {@link #path()}. */
  public List<String> paths() {
    return paths;
  }

  /** True when a request may ask for a token stream. */
  public boolean streams() {
    return switch (this) {
      case CHAT,
          COMPLETIONS,
          RESPONSES,
          MESSAGES,
          GENERATE,
          GENERATE_STREAM,
          TRANSCRIPTIONS,
          TRANSLATIONS,
          SPEECH ->
          true;
      default -> false;
    };
  }

  /** The endpoint that this exact path names, or null. No normalisation takes place. */
  public static @Nullable Endpoint ofPath(String path) {
    return BY_PATH.get(path);
  }
}
