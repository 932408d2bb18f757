package dev.headrace.router.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.HeadraceConfig.KeyLimits;
import dev.headrace.router.limit.Passage;
import dev.headrace.router.limit.RateLimits;
import dev.headrace.router.limit.TokenEstimate;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Operators see what each key may use, and what is left of it. */
final class LimitsAreShownTest {

  @Test
  void theAccountsAreListedByKey() {
    RateLimits limits = new RateLimits(() -> 0, tenant -> {});
    limits.apply(
        new HeadraceConfig.RateLimits(
            KeyLimits.UNTOLD,
            Map.of(
                "bob", new KeyLimits(1L, null, null, null),
                "alice", new KeyLimits(60L, 6000L, 4L, Priority.HIGH))));
    Passage passage = new Passage(limits.of("alice"));
    passage.enter();
    passage.reserve(new TokenEstimate(500, 100));
    new Passage(limits.of("bob")).enter();
    new Passage(limits.of("bob")).enter();
    try (AdminRig rig =
        new AdminRig("token", true, List.of(LimitOperations.list(limits::states)))) {
      AdminRig.Answer answer = rig.call("GET", "/admin/v1/limits", null);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.json().getJsonArray("limits").getJsonObject(0))
          .isEqualTo(
              new JsonObject(
                  """
                  {"key":"alice","priority":"high",
                   "requests":{"limit":60,"remaining":59,"reset_ms":1000},
                   "tokens":{"limit":6000,"remaining":5400,"reset_ms":6000},
                   "tokens_reserved":600,"concurrency":4,"in_flight":1,
                   "refusals":{"requests":0,"tokens":0,"concurrency":0}}"""));
      assertThat(answer.json().getJsonArray("limits").getJsonObject(1))
          .isEqualTo(
              new JsonObject(
                  """
                  {"key":"bob","priority":null,
                   "requests":{"limit":1,"remaining":0,"reset_ms":60000},"tokens":null,
                   "tokens_reserved":0,"concurrency":null,"in_flight":1,
                   "refusals":{"requests":1,"tokens":0,"concurrency":0}}"""));
      assertThat(rig.call("GET", "/admin/openapi.json", null).text())
          .contains("/admin/v1/limits", "#/components/schemas/Limits");
      assertThat(rig.call("GET", "/admin/v1/limits", null, null).status()).isEqualTo(401);
    }
  }
}
