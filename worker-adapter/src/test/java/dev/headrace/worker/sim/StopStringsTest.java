package dev.headrace.worker.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An answer ends before the first of the request's stop strings, with the reason {@code stop}. */
class StopStringsTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final Sims SIMS = new Sims();

  @AfterAll
  static void close() throws Exception {
    SIMS.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "tgi", "llamacpp", "sglang"})
  void anAnswerEndsBeforeTheFirstOfThem(String engine) throws Exception {
    SimulatedWorker worker = SIMS.start(SimOptions.of(engine).instant().withOutputTokens(40));
    JsonObject free = choice(worker, Sims.chat("hi"));
    String text = free.getJsonObject("message").getString("content");
    String stop = " " + text.split(" ")[7];
    String before = text.substring(0, text.indexOf(stop));
    JsonArray stops = new JsonArray().add("never written").add(stop);

    JsonObject whole = choice(worker, Sims.chat("hi").put("stop", stops));
    assertThat(whole.getJsonObject("message").getString("content")).isEqualTo(before);
    assertThat(whole.getString("finish_reason")).isEqualTo("stop");
    String stream = SIMS.post(worker, CHAT, Sims.streamed("hi").put("stop", stop)).body();
    assertThat(Sims.content(stream)).isEqualTo(before);
    assertThat(stream).contains("\"finish_reason\":\"stop\"");
    if (engine.equals("vllm")) {
      assertThat(whole.getString("stop_reason")).isEqualTo(stop);
      assertThat(stream).contains("\"stop_reason\":\"" + stop + "\"");
    }
  }

  @Test
  void aStopThatIsNoTextIsRefused() throws Exception {
    SimulatedWorker worker = SIMS.start(SimOptions.of("vllm").instant());
    assertThat(SIMS.post(worker, CHAT, Sims.chat("hi").put("stop", 7)).statusCode()).isEqualTo(400);
  }

  @Test
  void oneThatSpansTokensIsFoundAndTheLeastLengthIsKept() {
    String text = SimWords.text(5, 30);
    String[] words = text.split(" ");
    String spanning = words[9].substring(1) + " " + words[10];
    StopStrings.Match match = StopStrings.find(5, 0, 30, List.of(spanning));
    assertThat(match).isNotNull();
    assertThat(text.startsWith(SimWords.text(5, match.tokens()))).isTrue();
    assertThat(SimWords.text(5, match.tokens())).doesNotContain(spanning);
    assertThat(match.tokens()).isLessThanOrEqualTo(9);
    StopStrings.Match later = StopStrings.find(5, 20, 30, List.of(" "));
    assertThat(later.tokens()).isBetween(19, 21);
    assertThat(StopStrings.find(5, 0, 30, List.of("never written"))).isNull();
  }

  private static JsonObject choice(SimulatedWorker worker, JsonObject body) throws Exception {
    return new JsonObject(SIMS.post(worker, CHAT, body).body())
        .getJsonArray("choices")
        .getJsonObject(0);
  }
}
