package dev.headrace.router.admin;

import static dev.headrace.router.admin.OpenApiSchemas.listOf;
import static dev.headrace.router.admin.OpenApiSchemas.nullable;
import static dev.headrace.router.admin.OpenApiSchemas.number;
import static dev.headrace.router.admin.OpenApiSchemas.object;
import static dev.headrace.router.admin.OpenApiSchemas.text;
import static dev.headrace.router.admin.OpenApiSchemas.truth;
import static dev.headrace.router.admin.OpenApiSchemas.whole;

import io.vertx.core.json.JsonObject;

/** The shapes of the dry run's question and answer. */
final class ExplainSchemas {
  private ExplainSchemas() {}

  static JsonObject request() {
    return object()
        .field("model", text())
        .field("endpoint", text())
        .field("prompt_bytes", whole())
        .field("prompt_tokens", whole())
        .field("max_tokens", whole())
        .field("session", text())
        .require("model")
        .json();
  }

  static JsonObject explanation() {
    return object()
        .field("model", text())
        .field("alias", nullable(text()))
        .field("endpoint", text())
        .field("panic", OpenApiSchemas.truth())
        .field("policy", text())
        .field("demand", demand())
        .field("would_choose", listOf(text()))
        .field("undecided", nullable(text()))
        .field("workers", listOf(worker()))
        .json();
  }

  private static JsonObject worker() {
    return object()
        .field("id", text())
        .field("key", text())
        .field("public_id", text())
        .field("engine", text())
        .field("eligible", truth())
        .field("reason", nullable(text()))
        .field("score", nullable(number()))
        .field("note", nullable(text()))
        .field("parts", parts())
        .field("in_flight", whole())
        .field("capacity", nullable(whole()))
        .field("awaiting", whole())
        .field("prompt_tokens_queued", number())
        .field("rates", rates())
        .field("foreign", number())
        .field("foreign_waiting", number())
        .field("drift", nullable(number()))
        .field("kv_usage", nullable(number()))
        .field("gauge_age_ms", nullable(whole()))
        .json();
  }

  static JsonObject decisions() {
    JsonObject worker =
        object()
            .field("key", text())
            .field("reason", nullable(text()))
            .field("score", nullable(number()))
            .field("note", nullable(text()))
            .field("parts", parts())
            .field("in_flight", whole())
            .field("capacity", nullable(whole()))
            .field("rates", rates())
            .field("awaiting", whole())
            .field("prompt_tokens_queued", number())
            .field("foreign", number())
            .field("foreign_waiting", number())
            .field("drift", nullable(number()))
            .field("kv_usage", nullable(number()))
            .field("gauge_age_ms", nullable(whole()))
            .json();
    JsonObject outcome =
        object()
            .field("ended", truth())
            .field("ttft_s", nullable(number()))
            .field("output_tokens", whole())
            .json();
    JsonObject decision =
        object()
            .field("seq", whole())
            .field("at", text())
            .field("model", text())
            .field("endpoint", text())
            .field("policy", text())
            .field("demand", demand())
            .field("chosen", nullable(text()))
            .field("outcome", nullable(outcome))
            .field("workers", listOf(worker))
            .field("more_workers", whole())
            .json();
    return object().field("kept", whole()).field("decisions", listOf(decision)).json();
  }

  private static JsonObject rates() {
    return object()
        .field("prefill_fixed_s", number())
        .field("prefill_s_per_token", number())
        .field("gap_fixed_s", number())
        .field("gap_s_per_request", number())
        .field("observations", whole())
        .json();
  }

  private static JsonObject demand() {
    return object().field("prompt_tokens", number()).field("output_tokens", number()).json();
  }

  private static JsonObject parts() {
    return object()
        .field("ttft_s", number())
        .field("decode_pressure_s", number())
        .field("kv_pressure_s", number())
        .field("failure_charge_s", number())
        .field("weight", number())
        .field("least_load_s", number())
        .json();
  }
}
