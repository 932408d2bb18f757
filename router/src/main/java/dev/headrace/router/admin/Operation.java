package dev.headrace.router.admin;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One operation of the admin API: how it is called, what it does, and how it is described. The
 * routes and the OpenAPI description are both made from this, so that neither can lag behind.
 *
 * @param path with parameters in braces, {@code /admin/v1/workers/{id}}
 * @param open answered without a token
 * @param requestSchema name of the body's schema in {@link OpenApi}, or null: no body
 * @param answers what each status means; an entry of 2xx comes first
 * @param query names of optional query parameters
 * @param action gives the answer; an {@link AdminRefusal} that it throws or fails with is rendered
 */
public record Operation(
    HttpMethod method,
    String path,
    String id,
    String summary,
    boolean open,
    @Nullable String requestSchema,
    Map<Integer, Answer> answers,
    List<String> query,
    Function<RoutingContext, Future<Reply>> action) {

  public Operation {
    answers = new TreeMap<>(answers);
    query = List.copyOf(query);
  }

  /** An operation without query parameters. */
  public Operation(
      HttpMethod method,
      String path,
      String id,
      String summary,
      boolean open,
      @Nullable String requestSchema,
      Map<Integer, Answer> answers,
      Function<RoutingContext, Future<Reply>> action) {
    this(method, path, id, summary, open, requestSchema, answers, List.of(), action);
  }

  /**
   * What a status means.
   *
   * @param schema name of the answer's schema, or null: free text or no body
   */
  public record Answer(String meaning, @Nullable String schema) {}

  /** An operation that answers 200 with JSON, and needs the token. */
  public static Operation get(
      String path,
      String id,
      String summary,
      @Nullable String schema,
      Function<RoutingContext, Future<Reply>> action) {
    return new Operation(
        HttpMethod.GET,
        path,
        id,
        summary,
        false,
        null,
        Map.of(200, new Answer("As asked", schema)),
        action);
  }

  /** The answer to one call. */
  public record Reply(int status, @Nullable String contentType, @Nullable String body) {

    public static Reply json(int status, JsonObject body) {
      return new Reply(status, "application/json", body.encode());
    }

    public static Reply text(String contentType, String body) {
      return new Reply(200, contentType, body);
    }

    public static Reply nothing() {
      return new Reply(204, null, null);
    }
  }
}
