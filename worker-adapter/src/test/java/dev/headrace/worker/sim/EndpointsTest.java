package dev.headrace.worker.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The endpoints beside chat answer in their APIs' forms. */
class EndpointsTest {
  private static final Sims SIMS = new Sims();
  private static final Map<String, SimulatedWorker> WORKERS = new HashMap<>();

  @BeforeAll
  static void start() throws Exception {
    for (String engine : SimOptions.ENGINES) {
      WORKERS.put(engine, SIMS.start(SimOptions.of(engine).instant().withOutputTokens(5)));
    }
  }

  @AfterAll
  static void close() throws Exception {
    SIMS.close();
  }

  private static JsonObject ask(String engine, String path, JsonObject body) throws Exception {
    HttpResponse<String> response = SIMS.post(WORKERS.get(engine), path, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body());
  }

  private static String stream(String engine, String path, JsonObject body) throws Exception {
    HttpResponse<String> response = SIMS.post(WORKERS.get(engine), path, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  private static List<String> names(String stream) {
    return stream.lines().filter(l -> l.startsWith("event: ")).map(l -> l.substring(7)).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "tgi", "llamacpp", "sglang"})
  void completions_stream_the_text_of_the_whole_answer(String engine) throws Exception {
    JsonObject body = new JsonObject().put("model", "m").put("prompt", "hi");
    String whole =
        ask(engine, "/v1/completions", body)
            .getJsonArray("choices")
            .getJsonObject(0)
            .getString("text");
    String stream = stream(engine, "/v1/completions", body.copy().put("stream", true));
    StringBuilder text = new StringBuilder();
    for (JsonObject event : Sims.events(stream)) {
      JsonArray choices = event.getJsonArray("choices");
      text.append(choices.isEmpty() ? "" : choices.getJsonObject(0).getString("text"));
    }
    assertThat(text.toString()).isEqualTo(whole);
    assertThat(stream).contains("\"finish_reason\":\"stop\"");
    assertThat(Sims.data(stream)).last().isEqualTo("[DONE]");
    boolean always = engine.equals("tgi") || engine.equals("llamacpp");
    assertThat(stream.contains("completion_tokens")).isEqualTo(always);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "llamacpp", "sglang"})
  void messages_stream_named_events_to_message_stop(String engine) throws Exception {
    JsonObject body = Sims.chat("hi").put("max_tokens", 50);
    String stream = stream(engine, "/v1/messages", body.copy().put("stream", true));
    assertThat(names(stream))
        .startsWith("message_start", "content_block_start", "content_block_delta")
        .endsWith("content_block_stop", "message_delta", "message_stop");
    StringBuilder text = new StringBuilder();
    for (JsonObject event : Sims.events(stream)) {
      if (event.getString("type").equals("content_block_delta")) {
        text.append(event.getJsonObject("delta").getString("text"));
      }
    }
    JsonObject whole = ask(engine, "/v1/messages", body);
    assertThat(whole.getJsonArray("content").getJsonObject(0).getString("text"))
        .isEqualTo(text.toString());
    assertThat(whole.getString("stop_reason")).isEqualTo("end_turn");
    assertThat(ask(engine, "/v1/messages/count_tokens", body).getInteger("input_tokens"))
        .isPositive();
    HttpResponse<String> wrong =
        SIMS.post(WORKERS.get(engine), "/v1/messages", Sims.chat("no limit given"));
    assertThat(wrong.statusCode()).isEqualTo(400);
  }

  @Test
  void messages_call_tools() throws Exception {
    JsonObject tool =
        new JsonObject()
            .put("name", "f")
            .put(
                "input_schema",
                new JsonObject(
                    "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"integer\"}}}"));
    JsonObject body = Sims.chat("hi").put("max_tokens", 50).put("tools", new JsonArray().add(tool));
    JsonObject whole = ask("vllm", "/v1/messages", body);
    JsonObject block = whole.getJsonArray("content").getJsonObject(0);
    assertThat(block.getJsonObject("input")).isEqualTo(new JsonObject().put("x", 7));
    assertThat(whole.getString("stop_reason")).isEqualTo("tool_use");
    StringBuilder json = new StringBuilder();
    for (JsonObject event :
        Sims.events(stream("vllm", "/v1/messages", body.copy().put("stream", true)))) {
      json.append(event.getJsonObject("delta", new JsonObject()).getString("partial_json", ""));
    }
    assertThat(new JsonObject(json.toString())).isEqualTo(new JsonObject().put("x", 7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "llamacpp", "sglang"})
  void responses_stream_numbered_events_to_completed(String engine) throws Exception {
    JsonObject body = new JsonObject().put("model", "m").put("input", "hi");
    String stream = stream(engine, "/v1/responses", body.copy().put("stream", true));
    assertThat(names(stream)).startsWith("response.created").endsWith("response.completed");
    List<JsonObject> events = Sims.events(stream);
    for (int i = 0; i < events.size(); i++) {
      assertThat(events.get(i).getInteger("sequence_number")).isEqualTo(i);
    }
    JsonObject last = events.get(events.size() - 1).getJsonObject("response");
    JsonObject whole = ask(engine, "/v1/responses", body);
    assertThat(last.getJsonArray("output").getJsonObject(0).getJsonArray("content"))
        .isEqualTo(whole.getJsonArray("output").getJsonObject(0).getJsonArray("content"));
    assertThat(whole.getJsonObject("usage").getInteger("output_tokens")).isEqualTo(5);
    assertThat(
            names(
                stream(
                    engine,
                    "/v1/responses",
                    body.copy().put("stream", true).put("max_output_tokens", 2))))
        .endsWith("response.incomplete");
  }

  @Test
  void tgi_serves_its_native_form() throws Exception {
    JsonObject body =
        new JsonObject()
            .put("inputs", "hi")
            .put("parameters", new JsonObject().put("details", true));
    JsonObject whole = ask("tgi", "/generate", body);
    assertThat(whole.getJsonObject("details").getString("finish_reason")).isEqualTo("eos_token");
    String stream = stream("tgi", "/generate_stream", body);
    assertThat(stream).startsWith("data:{\"index\":1,").doesNotContain("[DONE]");
    List<JsonObject> events = Sims.events(stream);
    JsonObject last = events.get(events.size() - 1);
    assertThat(last.getString("generated_text")).isEqualTo(whole.getString("generated_text"));
    assertThat(last.getJsonObject("token").getBoolean("special")).isTrue();
    assertThat(events.subList(0, 5)).allMatch(event -> event.getValue("generated_text") == null);
    body.getJsonObject("parameters").put("max_new_tokens", 3);
    assertThat(Sims.events(stream("tgi", "/generate_stream", body))).hasSize(3);
  }

  @Test
  void llamacpp_serves_its_native_completion() throws Exception {
    JsonObject body = new JsonObject().put("prompt", "hi").put("n_predict", 3);
    JsonObject whole = ask("llamacpp", "/completion", body);
    assertThat(whole.getString("stop_type")).isEqualTo("limit");
    String stream = stream("llamacpp", "/completion", body.put("stream", true));
    assertThat(stream).doesNotContain("[DONE]");
    StringBuilder text = new StringBuilder();
    Sims.events(stream).forEach(event -> text.append(event.getString("content")));
    assertThat(text.toString()).isEqualTo(whole.getString("content"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "llamacpp", "sglang"})
  void embeddings_are_unit_vectors_in_floats_and_base64(String engine) throws Exception {
    JsonObject body =
        new JsonObject().put("model", "m").put("input", new JsonArray().add("a").add("b"));
    JsonArray data = ask(engine, "/v1/embeddings", body).getJsonArray("data");
    assertThat(data).hasSize(2);
    JsonArray floats = data.getJsonObject(1).getJsonArray("embedding");
    double square =
        floats.stream().mapToDouble(v -> ((Number) v).doubleValue()).map(v -> v * v).sum();
    assertThat(square).isBetween(0.999, 1.001);
    String base64 =
        ask(engine, "/v1/embeddings", body.put("encoding_format", "base64"))
            .getJsonArray("data")
            .getJsonObject(1)
            .getString("embedding");
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
    for (Object value : floats) {
      assertThat(bytes.getFloat()).isEqualTo(((Number) value).floatValue());
    }
    assertThat(bytes.remaining()).isZero();
  }

  @Test
  void documents_are_ranked_best_first_and_scored() throws Exception {
    JsonObject body =
        new JsonObject()
            .put("model", "m")
            .put("query", "same")
            .put("documents", new JsonArray().add("other").add("same"));
    for (String engine : List.of("vllm", "llamacpp")) {
      JsonArray results = ask(engine, "/v1/rerank", body).getJsonArray("results");
      assertThat(results.getJsonObject(0).getInteger("index")).isEqualTo(1);
      assertThat(results.getJsonObject(0).getDouble("relevance_score")).isGreaterThan(0.99);
    }
    JsonArray bare = new JsonArray(SIMS.post(WORKERS.get("sglang"), "/v1/rerank", body).body());
    assertThat(bare.getJsonObject(0).getString("document")).isEqualTo("same");
    JsonArray scores =
        ask(
                "vllm",
                "/score",
                new JsonObject().put("text_1", "same").put("text_2", new JsonArray().add("same")))
            .getJsonArray("data");
    assertThat(scores.getJsonObject(0).getDouble("score")).isGreaterThan(0.99);
  }

  @Test
  void tokens_go_out_and_come_back() throws Exception {
    String text = "Grüße, water 水";
    for (String engine : List.of("vllm", "sglang")) {
      JsonObject tokens = ask(engine, "/tokenize", new JsonObject().put("prompt", text));
      assertThat(tokens.getJsonArray("tokens")).hasSize(tokens.getInteger("count"));
      assertThat(ask(engine, "/detokenize", tokens).getMap()).containsValue(text);
    }
    JsonObject tokens = ask("llamacpp", "/tokenize", new JsonObject().put("content", text));
    assertThat(ask("llamacpp", "/detokenize", tokens).getString("content")).isEqualTo(text);
    JsonArray spans =
        new JsonArray(
            SIMS.post(WORKERS.get("tgi"), "/tokenize", new JsonObject().put("inputs", "abcdefgh"))
                .body());
    assertThat(spans.getJsonObject(1).getInteger("start")).isEqualTo(4);
  }

  @Test
  void vllm_transcribes_a_multipart_file() throws Exception {
    String form =
        "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
            + "Content-Type: audio/wav\r\n\r\nRIFF----\r\n--b--\r\n";
    java.net.http.HttpRequest request =
        java.net.http.HttpRequest.newBuilder(
                java.net.URI.create(WORKERS.get("vllm").url() + "/v1/audio/transcriptions"))
            .header("content-type", "multipart/form-data; boundary=b")
            .POST(java.net.http.HttpRequest.BodyPublishers.ofString(form))
            .build();
    HttpResponse<String> response =
        java.net.http.HttpClient.newHttpClient()
            .send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(new JsonObject(response.body()).getString("text").split(" ")).hasSize(3);
  }
}
