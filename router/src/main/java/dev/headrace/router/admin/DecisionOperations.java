package dev.headrace.router.admin;

import dev.headrace.router.admin.Operation.Reply;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.dispatch.DecisionLog;
import dev.headrace.router.dispatch.DecisionLog.Decision;
import dev.headrace.router.dispatch.Explanation;
import dev.headrace.router.fleet.Worker;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The last choices, as one JSON object or as a line for each. */
public final class DecisionOperations {
  private static final int USUAL = 100;
  private static final int MOST = 10_000;
  private static final String NDJSON = "application/x-ndjson";

  private final DecisionLog log;

  public DecisionOperations(DecisionLog log) {
    this.log = log;
  }

  public List<Operation> all() {
    return List.of(
        new Operation(
            HttpMethod.GET,
            "/admin/v1/decisions",
            "listDecisions",
            "The last choices, newest first; format=ndjson gives a line for each",
            false,
            null,
            Map.of(
                200, new Operation.Answer("As asked", "Decisions"),
                400, new Operation.Answer("A parameter is wrong; param names it", "Error")),
            List.of("model", "worker", "limit", "format"),
            this::list));
  }

  private Future<Reply> list(RoutingContext context) {
    String model = context.request().getParam("model");
    String worker = context.request().getParam("worker");
    int limit = limit(context.request().getParam("limit"));
    boolean lines =
        lines(context.request().getParam("format"), context.request().getHeader("Accept"));
    List<Decision> found =
        log.newest(
            limit,
            decision ->
                (model == null || model.equals(decision.model()))
                    && (worker == null || isNamed(decision.chosen(), worker)));
    return Future.succeededFuture(lines ? asLines(found) : asObject(found));
  }

  private static int limit(@Nullable String told) {
    if (told == null) {
      return USUAL;
    }
    if (told.matches("[1-9]\\d{0,4}") && Integer.parseInt(told) <= MOST) {
      return Integer.parseInt(told);
    }
    throw AdminRefusal.field("limit", "a whole number from 1 to " + MOST, "another");
  }

  private static boolean lines(@Nullable String format, @Nullable String accept) {
    if (format == null) {
      return accept != null && accept.contains(NDJSON);
    }
    return switch (format) {
      case "json" -> false;
      case "ndjson" -> true;
      default -> throw AdminRefusal.field("format", "json or ndjson", "another");
    };
  }

  private static boolean isNamed(@Nullable Worker chosen, String name) {
    return chosen != null
        && (name.equals(chosen.spec().id())
            || name.equals(chosen.spec().key())
            || name.equals(chosen.publicId()));
  }

  private Reply asObject(List<Decision> found) {
    JsonArray decisions = new JsonArray();
    found.forEach(decision -> decisions.add(json(decision)));
    return Reply.json(200, new JsonObject().put("kept", log.size()).put("decisions", decisions));
  }

  private static Reply asLines(List<Decision> found) {
    StringBuilder text = new StringBuilder();
    found.forEach(decision -> text.append(json(decision).encode()).append('\n'));
    return Reply.text(NDJSON, text.toString());
  }

  private static JsonObject json(Decision decision) {
    Explanation seen = decision.seen();
    Worker chosen = decision.chosen();
    JsonArray workers = new JsonArray();
    for (Explanation.Seen one : seen.workers()) {
      workers.add(
          new JsonObject()
              .put("key", one.worker().spec().key())
              .put("reason", one.barrier())
              .put("score", ExplainOperations.told(one.score()))
              .put("note", one.note())
              .put("parts", ExplainOperations.parts(one.parts()))
              .put("in_flight", one.inFlight())
              .put("capacity", ExplainOperations.capacity(one.worker().ledger()))
              .put("rates", ExplainOperations.rates(one.worker().rates()))
              .put("awaiting", one.awaiting())
              .put("prompt_tokens_queued", one.promptTokensQueued())
              .mergeIn(ExplainOperations.gauges(one.gauges())));
    }
    return new JsonObject()
        .put("seq", decision.seq())
        .put("at", decision.at().toString())
        .put("model", decision.model())
        .put("endpoint", decision.endpoint().path())
        .put("policy", seen.policy())
        .put("demand", ExplainOperations.demand(seen.demand()))
        .put("chosen", chosen == null ? null : chosen.spec().key())
        .put("outcome", outcome(decision.lease()))
        .put("workers", workers)
        .put("more_workers", seen.omitted());
  }

  private static @Nullable JsonObject outcome(@Nullable Lease<Worker> lease) {
    if (lease == null) {
      return null;
    }
    boolean ended = lease.closed();
    double ttft = lease.ttft();
    return new JsonObject()
        .put("ended", ended)
        .put("ttft_s", Double.isNaN(ttft) ? null : ttft)
        .put("output_tokens", lease.outputTokens());
  }
}
