package dev.headrace.router.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.admission.QueueState;
import dev.headrace.router.admission.QueueState.ClassState;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operators see who waits, by model and class. */
final class QueueIsShownTest {
  private static final QueueState BUSY =
      new QueueState(
          "m",
          1.5,
          4,
          0.75,
          1000,
          List.of(
              new ClassState(Priority.HIGH, 1, 99.6),
              new ClassState(Priority.MEDIUM, 2, 700),
              new ClassState(Priority.LOW, 0, 0)));
  private static final QueueState NEW = new QueueState("n", 0, Double.NaN, 0, 1000, List.of());

  @Test
  void theLinesAreListedWithTheirClassesAndRates() {
    try (AdminRig rig =
        new AdminRig("token", true, List.of(QueueOperations.list(() -> List.of(BUSY, NEW))))) {
      AdminRig.Answer answer = rig.call("GET", "/admin/v1/queue", null);
      assertThat(answer.status()).isEqualTo(200);
      JsonObject first = answer.json().getJsonArray("queues").getJsonObject(0);
      assertThat(first.getString("model")).isEqualTo("m");
      assertThat(first.getInteger("depth")).isEqualTo(3);
      assertThat(first.getInteger("oldest_ms")).isEqualTo(1500);
      assertThat(first.getDouble("per_second")).isEqualTo(4);
      assertThat(first.getInteger("tokens")).isEqualTo(800);
      assertThat(first.getInteger("predicted_wait_ms")).isEqualTo(750);
      assertThat(first.getInteger("retry_after_ms")).isEqualTo(1000);
      assertThat(first.getJsonObject("classes").getJsonObject("high").getInteger("tokens"))
          .isEqualTo(100);
      JsonObject second = answer.json().getJsonArray("queues").getJsonObject(1);
      assertThat(second.getValue("per_second")).isNull();
      assertThat(rig.call("GET", "/admin/openapi.json", null).text())
          .contains("/admin/v1/queue", "#/components/schemas/Queues");
      assertThat(rig.call("GET", "/admin/v1/queue", null, null).status()).isEqualTo(401);
    }
  }
}
