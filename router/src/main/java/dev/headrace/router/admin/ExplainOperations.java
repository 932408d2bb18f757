package dev.headrace.router.admin;

import dev.headrace.router.admin.Operation.Reply;
import dev.headrace.router.balance.Affinity;
import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.EngineGauges;
import dev.headrace.router.balance.ScoreParts;
import dev.headrace.router.balance.ServiceRates;
import dev.headrace.router.balance.WorkerLedger;
import dev.headrace.router.dispatch.Explainer;
import dev.headrace.router.dispatch.Explanation;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.FleetView;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import dev.headrace.worker.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The dry run: where a request would go now, and why. It reserves nothing. */
public final class ExplainOperations {
  private static final int LONGEST_NAME = 512;

  private final FleetView fleet;
  private final Explainer explainer;

  public ExplainOperations(FleetView fleet, Explainer explainer) {
    this.fleet = fleet;
    this.explainer = explainer;
  }

  public List<Operation> all() {
    return List.of(
        new Operation(
            HttpMethod.POST,
            "/admin/v1/explain",
            "explain",
            "Where a request would go now, and why; nothing is reserved",
            false,
            "ExplainRequest",
            Map.of(
                200, new Operation.Answer("Every worker of the model's pool", "Explanation"),
                400, new Operation.Answer("The body is wrong; param names the field", "Error"),
                404, new Operation.Answer("No worker serves the model", "Error")),
            this::explain));
  }

  private Future<Reply> explain(RoutingContext context) {
    Fields fields =
        Fields.of(
            context.body().buffer(),
            Set.of("model", "endpoint", "prompt_bytes", "prompt_tokens", "max_tokens", "session"));
    String name = fields.text("model", LONGEST_NAME);
    Endpoint endpoint = endpoint(fields.optionalText("endpoint", 100));
    long bytes = fields.wholeOrAbsent("prompt_bytes", 0);
    long tokens = fields.wholeOrAbsent("prompt_tokens", 1);
    long maxTokens = fields.wholeOrAbsent("max_tokens", 0);
    if (bytes >= 0 && tokens >= 0) {
      throw AdminRefusal.field("prompt_tokens", "either prompt_bytes or prompt_tokens", "both");
    }
    Pool pool = fleet.current().resolve(name);
    if (pool == null) {
      throw new AdminRefusal(
          ErrorCode.MODEL_NOT_FOUND, "no worker serves the model '" + name + "'", "model");
    }
    Demand expected = explainer.expect(pool.model(), Math.max(0, bytes), maxTokens);
    double prompt =
        tokens >= 0
            ? (double) tokens
            : bytes >= 0 ? expected.promptTokens() : Demand.TYPICAL.promptTokens();
    Demand demand =
        new Demand(prompt, expected.outputTokens())
            .with(Affinity.of(fields.optionalText("session", LONGEST_NAME)));
    Explanation seen = explainer.explain(pool, endpoint, Set.of(), demand);
    return Future.succeededFuture(Reply.json(200, json(name, pool, endpoint, seen)));
  }

  private static Endpoint endpoint(@Nullable String told) {
    if (told == null) {
      return Endpoint.CHAT;
    }
    Endpoint byPath = Endpoint.ofPath(told);
    if (byPath != null) {
      return byPath;
    }
    for (Endpoint endpoint : Endpoint.values()) {
      if (endpoint.label().equals(told)) {
        return endpoint;
      }
    }
    throw AdminRefusal.field("endpoint", "a path or a label such as 'chat'", "'" + told + "'");
  }

  private JsonObject json(String name, Pool pool, Endpoint endpoint, Explanation seen) {
    JsonArray workers = new JsonArray();
    seen.workers().forEach(worker -> workers.add(worker(worker)));
    return new JsonObject()
        .put("model", pool.model())
        .put("alias", name.equals(pool.model()) ? null : name)
        .put("endpoint", endpoint.path())
        .put("policy", seen.policy())
        .put("demand", demand(seen.demand()))
        .put("panic", pool.workers().stream().anyMatch(one -> one.outlier().pool().panic()))
        .put(
            "would_choose",
            new JsonArray(seen.best().stream().map(worker -> worker.spec().key()).toList()))
        .put("undecided", seen.undecided())
        .put("workers", workers);
  }

  static JsonObject demand(Demand demand) {
    return new JsonObject()
        .put("prompt_tokens", demand.promptTokens())
        .put("output_tokens", demand.outputTokens());
  }

  static JsonObject parts(ScoreParts parts) {
    return new JsonObject()
        .put("ttft_s", parts.ttft())
        .put("decode_pressure_s", parts.pressure())
        .put("kv_pressure_s", parts.kv())
        .put("failure_charge_s", parts.charge())
        .put("weight", parts.weight())
        .put("least_load_s", parts.score());
  }

  /** What the engine's reports add; what is not told is null. */
  static JsonObject gauges(EngineGauges.View gauges) {
    return new JsonObject()
        .put("foreign", gauges.foreign())
        .put("foreign_waiting", gauges.foreignWaiting())
        .put("drift", told(gauges.drift()))
        .put("kv_usage", told(gauges.kvUsage()))
        .put(
            "gauge_age_ms",
            Double.isNaN(gauges.ageSeconds()) ? null : (long) (gauges.ageSeconds() * 1e3));
  }

  static @Nullable Double told(double number) {
    return Double.isNaN(number) ? null : number;
  }

  static JsonObject rates(ServiceRates rates) {
    return new JsonObject()
        .put("prefill_fixed_s", rates.prefillIntercept())
        .put("prefill_s_per_token", rates.prefillSlope())
        .put("gap_fixed_s", rates.gapAt(0))
        .put("gap_s_per_request", rates.gapSlope())
        .put("observations", rates.observations());
  }

  static @Nullable Integer capacity(WorkerLedger ledger) {
    return ledger.capacity() == Integer.MAX_VALUE ? null : ledger.capacity();
  }

  private static JsonObject worker(Explanation.Seen seen) {
    Worker worker = seen.worker();
    WorkerLedger ledger = worker.ledger();
    ScoreParts parts = seen.parts();
    return new JsonObject()
        .put("id", worker.spec().id())
        .put("key", worker.spec().key())
        .put("public_id", worker.publicId())
        .put("engine", worker.engine().id())
        .put("eligible", seen.barrier() == null)
        .put("reason", seen.barrier())
        .put("score", told(seen.score()))
        .put("note", seen.note())
        .put("parts", parts(parts))
        .put("in_flight", seen.inFlight())
        .put("capacity", capacity(ledger))
        .put("awaiting", seen.awaiting())
        .put("prompt_tokens_queued", seen.promptTokensQueued())
        .put("rates", rates(worker.rates()))
        .mergeIn(gauges(seen.gauges()));
  }
}
