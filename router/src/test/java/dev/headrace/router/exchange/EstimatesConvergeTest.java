package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import io.micrometer.core.instrument.DistributionSummary;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What workers count is what the router expects next: the choice is made with estimates that
 * answers have calibrated, and a meter tells how good they are.
 */
class EstimatesConvergeTest {
  private static final Pattern EXPECTED = Pattern.compile("prompt=(\\d+); out=(\\d+)");
  private static final int WORDS = 400;
  private static final int PER_WORD = 3;

  private static String body(int words, Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(random.nextBoolean() ? "river " : "stone, ");
    }
    JsonObject message = new JsonObject().put("role", "user").put("content", text.toString());
    return new JsonObject()
        .put("model", "m")
        .put("messages", new JsonArray().add(message))
        .encode();
  }

  /** A tokenizer far from the usual: each word is three tokens; the answers have 30. */
  private static ScriptedWorker worker() throws Exception {
    return new ScriptedWorker(
        talk -> {
          String text =
              new JsonObject(talk.request().body())
                  .getJsonArray("messages")
                  .getJsonObject(0)
                  .getString("content");
          int words = text.trim().split("\\s+").length;
          talk.json(
              200,
              "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
                  + "\"assistant\",\"content\":\"ok\"},\"finish_reason\":\"stop\"}],\"usage\":"
                  + "{\"prompt_tokens\":"
                  + words * PER_WORD
                  + ",\"completion_tokens\":30,\"total_tokens\":0}}");
        });
  }

  private static double[] expected(RouterKit kit, String body) throws Exception {
    Answer answer = kit.post(RouterKit.CHAT, body, "x-headrace-debug: 1");
    assertThat(answer.status()).isEqualTo(200);
    Matcher found = EXPECTED.matcher(String.valueOf(answer.header("x-headrace-decision")));
    assertThat(found.find()).as("decision %s", answer.header("x-headrace-decision")).isTrue();
    return new double[] {Double.parseDouble(found.group(1)), Double.parseDouble(found.group(2))};
  }

  @Test
  void theEstimateOfThePromptFollowsWhatTheWorkerCounts() throws Exception {
    long seed = 3;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (ScriptedWorker worker = worker();
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      double truth = WORDS * PER_WORD;
      double[] first = expected(kit, body(WORDS, random));
      assertThat(first[0]).isLessThan(0.6 * truth);
      assertThat(first[1]).isEqualTo(200);
      for (int i = 0; i < 50; i++) {
        kit.post(RouterKit.CHAT, body(50 + random.nextInt(800), random));
      }
      double[] last = expected(kit, body(WORDS, random));
      assertThat(last[0]).isBetween(0.95 * truth, 1.05 * truth);
      assertThat(last[1]).isBetween(29.0, 80.0);

      DistributionSummary ratios = summary(kit);
      await().atMost(20, TimeUnit.SECONDS).until(() -> ratios.count() == 52);
      assertThat(ratios.totalAmount()).isBetween(0.6 * 52, 1.05 * 52);
      assertThat(kit.registry.scrape())
          .contains(
              "headrace_prompt_estimate_ratio_bucket{endpoint=\"chat\",model=\"m\",le=\"0.95\"}")
          .contains("headrace_prompt_estimate_ratio_sum");
    }
  }

  private static DistributionSummary summary(RouterKit kit) {
    return kit.registry
        .get("headrace.prompt.estimate.ratio")
        .tags("endpoint", "chat", "model", "m")
        .summary();
  }
}
