package dev.headrace.router.admin;

import static dev.headrace.router.fleet.FleetRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.fleet.Worker;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers register, stay by heartbeats, and leave, over the admin API. */
final class RegistrationOverHttpTest {
  private static final String WORKERS = "/admin/v1/workers";
  private static final String W1 =
      "{\"id\":\"w1\",\"url\":\"http://127.0.0.1:9001\",\"engine\":\"vllm\","
          + "\"models\":[\"m\",{\"id\":\"l\",\"parent\":\"m\",\"max_model_len\":4096}],"
          + "\"max_concurrency\":4,\"weight\":2,\"meta\":{\"zone\":\"a\"}}";

  private final AdminRig rig = new AdminRig(null);

  @AfterEach
  void close() {
    rig.close();
  }

  private Worker worker(String key) {
    return rig.directory.current().workers().get(key);
  }

  private JsonObject listed(String id) {
    JsonArray workers = rig.call("GET", WORKERS, null).json().getJsonArray("workers");
    return workers.stream()
        .map(JsonObject.class::cast)
        .filter(worker -> worker.getString("id").equals(id))
        .findFirst()
        .orElse(null);
  }

  @Test
  void aRegisteredWorkerIsRoutableWhenTheAnswerArrives() {
    AdminRig.Answer answer = rig.call("POST", WORKERS, W1);
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.json()).isEqualTo(new JsonObject().put("id", "w1").put("ttl_ms", 15000));
    Worker worker = worker("embedded/w1");
    assertThat(worker.unroutable()).isNull();
    assertThat(worker.ledger().capacity()).isEqualTo(4);
    assertThat(worker.weight()).isEqualTo(2);
    assertThat(rig.directory.current().resolve("l")).isNotNull();

    assertThat(rig.call("POST", WORKERS, W1).status()).isEqualTo(200);
    assertThat(worker("embedded/w1")).isSameAs(worker);
  }

  @Test
  void theListShowsWhatTheContractNames() {
    rig.call("POST", WORKERS, W1);
    JsonObject worker = listed("w1");
    assertThat(worker.fieldNames())
        .contains(
            "id",
            "key",
            "public_id",
            "source",
            "url",
            "engine",
            "models",
            "status",
            "reason",
            "draining",
            "in_flight",
            "max_concurrency",
            "weight",
            "load");
    assertThat(worker.getString("key")).isEqualTo("embedded/w1");
    assertThat(worker.getString("public_id")).matches("w-[0-9a-f]{8}");
    assertThat(worker.getString("status")).isEqualTo("routable");
    assertThat(worker.getJsonArray("models")).containsExactly("m", "l");
  }

  @Test
  void aHeartbeatChangesStatusAndModels() {
    rig.call("POST", WORKERS, W1);
    AdminRig.Answer beat =
        rig.call(
            "PUT",
            WORKERS + "/w1/heartbeat",
            "{\"status\":\"critical\",\"reason\":\"engine is loading\"}");
    assertThat(beat.status()).isEqualTo(200);
    assertThat(beat.json().getInteger("ttl_ms")).isEqualTo(15000);
    assertThat(worker("embedded/w1").unroutable())
        .isEqualTo("down by its source: engine is loading");
    rig.call("PUT", WORKERS + "/w1/heartbeat", "{\"status\":\"draining\"}");
    assertThat(worker("embedded/w1").unroutable()).isEqualTo("draining");
    rig.call("PUT", WORKERS + "/w1/heartbeat", "{\"status\":\"passing\",\"models\":[\"n\"]}");
    assertThat(worker("embedded/w1").unroutable()).isNull();
    assertThat(rig.directory.current().pools()).containsOnlyKeys("n");
  }

  @Test
  void aHeartbeatOfAnUnknownWorkerAsksItToRegister() {
    AdminRig.Answer answer =
        rig.call("PUT", WORKERS + "/nobody/heartbeat", "{\"status\":\"passing\"}");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.error().getString("code")).isEqualTo("unknown_worker");
  }

  @Test
  void aWorkerThatTellsOnlyItsAddressIsAskedForTheRest() {
    rig.fleet.inquiry.tells("http://127.0.0.1:9002", "llamacpp", 3, "tiny");
    rig.call("POST", WORKERS, "{\"id\":\"w2\",\"url\":\"http://127.0.0.1:9002\"}");
    eventually(() -> assertThat(worker("embedded/w2")).isNotNull());
    assertThat(worker("embedded/w2").engine().id()).isEqualTo("llamacpp");
    assertThat(worker("embedded/w2").ledger().capacity()).isEqualTo(3);
  }

  @Test
  void aWorkerThatDoesNotAnswerIsListedWithTheReason() {
    rig.call("POST", WORKERS, "{\"id\":\"w3\",\"url\":\"http://127.0.0.1:9003\"}");
    eventually(
        () ->
            assertThat(listed("w3").getString("reason"))
                .isEqualTo("connection refused by http://127.0.0.1:9003"));
    assertThat(listed("w3").getString("status")).isEqualTo("unresolved");
    assertThat(worker("embedded/w3")).isNull();
  }

  @Test
  void operatorsDrainEjectAndRemove() {
    rig.call("POST", WORKERS, W1);
    String publicId = listed("w1").getString("public_id");
    assertThat(rig.call("POST", WORKERS + "/w1/drain", null).json().getBoolean("draining"))
        .isTrue();
    assertThat(worker("embedded/w1").unroutable()).isEqualTo("draining");
    rig.call("POST", WORKERS + "/embedded%2Fw1/undrain", null);
    assertThat(worker("embedded/w1").unroutable()).isNull();
    rig.call("POST", WORKERS + "/" + publicId + "/eject", null);
    assertThat(worker("embedded/w1").unroutable()).isEqualTo("ejected by operator");
    assertThat(listed("w1").getString("status")).isEqualTo("ejected");
    rig.call("POST", WORKERS + "/w1/uneject", "{}");
    assertThat(worker("embedded/w1").unroutable()).isNull();
    assertThat(rig.call("DELETE", WORKERS + "/w1", null).status()).isEqualTo(204);
    assertThat(worker("embedded/w1")).isNull();
    assertThat(rig.call("DELETE", WORKERS + "/w1", null).status()).isEqualTo(404);
    assertThat(rig.call("POST", WORKERS + "/w1/drain", null).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | id | id: expected a text, got nothing",
        "{\"id\":7} | id | id: expected a text of 1 to 128 characters, got 7",
        "{\"id\":\"a b\",\"url\":\"http://h:1\"} | id | id: expected letters, digits",
        "{\"id\":\"a\"} | url | url: expected a text, got nothing",
        "{\"id\":\"a\",\"url\":\"ftp://h\"} | url | url: expected a URL such as",
        "{\"id\":\"a\",\"url\":\"http://u:p@h:1\"} | url | url: expected a URL such as",
        "{\"id\":\"a\",\"url\":\"http://h:1\",\"engine\":\"vlm\"} | engine | engine: expected the id",
        "{\"id\":\"a\",\"url\":\"http://h:1\",\"models\":\"m\"} | models | models: expected an array",
        "{\"id\":\"a\",\"url\":\"http://h:1\",\"models\":[1]} | models[0] | models[0]: expected a text",
        "{\"id\":\"a\",\"url\":\"http://h:1\",\"models\":[{}]} | models[0].id | models[0].id: expected",
        "{\"id\":\"a\",\"url\":\"http://h:1\",\"max_concurrency\":0} | max_concurrency | max_concu",
        "{\"id\":\"a\",\"url\":\"http://h:1\",\"weight\":0} | weight | weight: expected a number",
        "{\"id\":\"a\",\"url\":\"http://h:1\",\"weight\":-1} | weight | weight: expected a number",
        "{\"id\":\"a\",\"url\":\"http://h:1\",\"weight\":1e999} | weight | weight: expected a number",
        "{\"id\":\"a\",\"url\":\"http://h:1\",\"status\":\"ok\"} | status | status: expected one of",
        "{\"id\":\"a\",\"url\":\"http://h:1\",\"meta\":{\"z\":[]}} | meta.z | meta.z: expected a text",
        "{\"id\":\"a\",\"url\":\"http://h:1\",\"modles\":[]} | modles | unknown field 'modles': exp"
      })
  void aWrongFieldIsNamedWithWhatWasExpected(String body, String param, String message) {
    AdminRig.Answer answer = rig.call("POST", WORKERS, body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error().getString("param")).isEqualTo(param);
    assertThat(answer.error().getString("message")).startsWith(message);
    assertThat(rig.directory.current().workers()).isEmpty();
  }

  @Test
  void withoutTheEmbeddedRegistryNobodyCanRegister() {
    try (AdminRig closed = new AdminRig(null, false, java.util.List.of())) {
      AdminRig.Answer answer = closed.call("POST", WORKERS, W1);
      assertThat(answer.status()).isEqualTo(409);
      assertThat(answer.error().getString("message")).contains("fleet.embedded");
    }
  }
}
