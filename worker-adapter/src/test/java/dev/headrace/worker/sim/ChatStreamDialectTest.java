package dev.headrace.worker.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chat answers have each engine's own wire format, and all of them the same text. */
class ChatStreamDialectTest {
  private static final Sims SIMS = new Sims();

  @AfterAll
  static void close() throws Exception {
    SIMS.close();
  }

  private static SimulatedWorker worker(String engine) throws Exception {
    return SIMS.start(SimOptions.of(engine).instant().withOutputTokens(6));
  }

  private static String stream(SimulatedWorker worker, JsonObject body) throws Exception {
    HttpResponse<String> response = SIMS.post(worker, "/v1/chat/completions", body);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
    return response.body();
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "tgi", "llamacpp", "sglang"})
  void streamed_and_whole_answers_carry_the_same_text(String engine) throws Exception {
    SimulatedWorker worker = worker(engine);
    String stream = stream(worker, Sims.streamed("hello"));
    JsonObject whole =
        new JsonObject(SIMS.post(worker, "/v1/chat/completions", Sims.chat("hello")).body());
    String text =
        whole
            .getJsonArray("choices")
            .getJsonObject(0)
            .getJsonObject("message")
            .getString("content");
    assertThat(Sims.content(stream)).isEqualTo(text);
    assertThat(text.split(" ")).hasSize(6);
    assertThat(whole.getJsonObject("usage").getInteger("completion_tokens")).isEqualTo(6);
    assertThat(Sims.data(stream)).last().isEqualTo("[DONE]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "tgi", "llamacpp", "sglang"})
  void usage_comes_only_when_asked_for(String engine) throws Exception {
    SimulatedWorker worker = worker(engine);
    assertThat(Sims.events(stream(worker, Sims.streamed("hello"))))
        .noneMatch(event -> event.getValue("usage") != null);
    List<JsonObject> events =
        Sims.events(
            stream(
                worker,
                Sims.streamed("hello")
                    .put("stream_options", new JsonObject().put("include_usage", true))));
    JsonObject last = events.get(events.size() - 1);
    assertThat(last.getJsonArray("choices")).isEmpty();
    assertThat(last.getJsonObject("usage").getInteger("completion_tokens")).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "tgi", "llamacpp", "sglang"})
  void a_token_limit_ends_an_answer_with_length(String engine) throws Exception {
    String stream = stream(worker(engine), Sims.streamed("hello").put("max_tokens", 3));
    assertThat(Sims.content(stream).split(" ")).hasSize(3);
    assertThat(stream).contains("\"finish_reason\":\"length\"").doesNotContain("\"stop\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "tgi", "llamacpp", "sglang"})
  void tools_are_called_with_arguments_in_fragments(String engine) throws Exception {
    JsonObject body = Sims.streamed("weather?").put("tools", ToolCallTest.weatherTool());
    SimulatedWorker worker = worker(engine);
    StringBuilder arguments = new StringBuilder();
    String name = null;
    int fragments = 0;
    String stream = stream(worker, body);
    for (JsonObject event : Sims.events(stream)) {
      JsonObject delta = event.getJsonArray("choices").getJsonObject(0).getJsonObject("delta");
      if (delta.getJsonArray("tool_calls") != null) {
        JsonObject function =
            delta.getJsonArray("tool_calls").getJsonObject(0).getJsonObject("function");
        name = name == null ? function.getString("name") : name;
        arguments.append(function.getString("arguments"));
        fragments++;
      }
    }
    assertThat(name).isEqualTo("weather");
    assertThat(new JsonObject(arguments.toString()))
        .isEqualTo(new JsonObject().put("city", "a city").put("days", 7));
    assertThat(fragments).isGreaterThan(3);
    assertThat(stream).contains("\"finish_reason\":\"tool_calls\"");
    JsonObject whole =
        new JsonObject(
            SIMS.post(worker, "/v1/chat/completions", body.copy().put("stream", false)).body());
    assertThat(
            whole
                .getJsonArray("choices")
                .getJsonObject(0)
                .getJsonObject("message")
                .getJsonArray("tool_calls")
                .getJsonObject(0)
                .getJsonObject("function")
                .getString("arguments"))
        .isEqualTo(arguments.toString());
  }

  @Test
  void vllm_opens_with_a_role_chunk() throws Exception {
    assertThat(Sims.data(stream(worker("vllm"), Sims.streamed("hi"))).get(0))
        .contains("{\"role\":\"assistant\",\"content\":\"\"}");
  }

  @Test
  void tgi_writes_no_blank_after_data_and_a_role_in_every_delta() throws Exception {
    String stream = stream(worker("tgi"), Sims.streamed("hi"));
    assertThat(stream).startsWith("data:{").doesNotContain("data: {").contains("data: [DONE]");
    assertThat(Sims.events(stream))
        .allSatisfy(
            event -> {
              assertThat(event.getString("id")).isEmpty();
              assertThat(event.containsKey("usage")).isTrue();
              assertThat(
                      event
                          .getJsonArray("choices")
                          .getJsonObject(0)
                          .getJsonObject("delta")
                          .getString("role"))
                  .isEqualTo("assistant");
            });
  }

  @Test
  void llamacpp_has_role_and_finish_chunks_and_tells_timings_and_its_own_model_name()
      throws Exception {
    SimulatedWorker worker = SIMS.start(SimOptions.of("llamacpp").instant().withModels("own"));
    List<JsonObject> events = Sims.events(stream(worker, Sims.streamed("hi")));
    JsonObject first = events.get(0).getJsonArray("choices").getJsonObject(0);
    assertThat(first.getJsonObject("delta").containsKey("content")).isTrue();
    assertThat(first.getJsonObject("delta").getValue("content")).isNull();
    JsonObject last = events.get(events.size() - 1);
    assertThat(last.getJsonArray("choices").getJsonObject(0).getJsonObject("delta")).isEmpty();
    assertThat(last.getJsonObject("timings").getInteger("predicted_n")).isEqualTo(32);
    assertThat(events).allMatch(event -> event.getString("model").equals("own"));
  }

  @Test
  void sglang_has_a_finish_chunk_with_matched_stop() throws Exception {
    List<JsonObject> events = Sims.events(stream(worker("sglang"), Sims.streamed("hi")));
    JsonObject finish = events.get(events.size() - 1).getJsonArray("choices").getJsonObject(0);
    assertThat(finish.getString("finish_reason")).isEqualTo("stop");
    assertThat(finish.getValue("matched_stop")).isEqualTo(2);
  }
}
