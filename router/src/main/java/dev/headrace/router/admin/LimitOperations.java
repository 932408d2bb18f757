package dev.headrace.router.admin;

import dev.headrace.router.admin.Operation.Reply;
import dev.headrace.router.admission.Priority;
import dev.headrace.router.limit.LimitKind;
import dev.headrace.router.limit.LimitState;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The limits of API keys, and what is left of them. */
public final class LimitOperations {
  private LimitOperations() {}

  /** Shows the accounts; {@code limits} is asked on the admin port's loop. */
  public static Operation list(Supplier<List<LimitState>> limits) {
    return Operation.get(
        "/admin/v1/limits",
        "listLimits",
        "Limits of API keys, and what is left of them",
        "Limits",
        context -> Future.succeededFuture(Reply.json(200, json(limits.get()))));
  }

  private static JsonObject json(List<LimitState> limits) {
    JsonArray all = new JsonArray();
    for (LimitState state : limits) {
      JsonObject refusals = new JsonObject();
      for (LimitKind kind : LimitKind.values()) {
        refusals.put(kind.label(), state.refusals().getOrDefault(kind, 0L));
      }
      Priority priority = state.priority();
      all.add(
          new JsonObject()
              .put("key", state.key().isEmpty() ? null : state.key())
              .put("priority", priority == null ? null : priority.label())
              .put("requests", window(state.requests()))
              .put("tokens", window(state.tokens()))
              .put("tokens_reserved", state.reservedTokens())
              .put("concurrency", state.concurrency() == 0 ? null : state.concurrency())
              .put("in_flight", state.inFlight())
              .put("refusals", refusals));
    }
    return new JsonObject().put("limits", all);
  }

  private static @Nullable JsonObject window(LimitState.@Nullable Window window) {
    return window == null
        ? null
        : new JsonObject()
            .put("limit", window.limit())
            .put("remaining", window.remaining())
            .put("reset_ms", window.resetMillis());
  }
}
