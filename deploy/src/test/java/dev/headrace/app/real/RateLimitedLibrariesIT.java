package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.ErrorType;
import com.anthropic.models.messages.MessageCreateParams;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.headrace.worker.sim.SimOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What client libraries make of a key's limits: they wait as long as they are told, or tell it. */
class RateLimitedLibrariesIT {
  private static final String KEY = "sk-suite-0123456789abcdef";
  private static final int REQUESTS = 30;
  private static SimFleet engines;
  private static String fleet;

  @BeforeAll
  static void open() {
    engines = new SimFleet();
    String url = engines.add(SimOptions.of("vllm").withModels("m")).url();
    fleet = "fleet: { static: [ { id: a, url: \"%s\", engine: vllm, models: [m] } ] }\n";
    fleet = fleet.formatted(url);
  }

  @AfterAll
  static void close() {
    engines.close();
  }

  private static RouterProcess router(String limits) {
    return RouterProcess.start(
        fleet + "rate-limits: { keys: { suite: { " + limits + " } } }\n", KEY);
  }

  private static OpenAIClient openai(RouterProcess router, int retries) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(router.url() + "/v1")
        .apiKey(KEY)
        .maxRetries(retries)
        .build();
  }

  private static ChatCompletion ask(OpenAIClient client) {
    return client
        .chat()
        .completions()
        .create(
            ChatCompletionCreateParams.builder()
                .model("m")
                .addUserMessage("hello")
                .maxCompletionTokens(2)
                .build());
  }

  private static long refusals(RouterProcess router, String kind) {
    return router
        .admin()
        .get("/admin/v1/limits")
        .json()
        .at("/limits/0/refusals/" + kind)
        .asLong(-1);
  }

  @Test
  void openAisWaitsAsToldAndThenSucceeds() {
    try (RouterProcess router = router("requests-per-minute: " + REQUESTS)) {
      OpenAIClient client = openai(router, 2);
      for (int i = 0; i < 10 * REQUESTS && refusals(router, "requests") == 0; i++) {
        assertThat(ask(client).choices()).isNotEmpty();
      }
      assertThat(refusals(router, "requests")).isEqualTo(1);

      assertThatThrownBy(
              () -> {
                OpenAIClient hasty = openai(router, 0);
                for (int i = 0; i < 10 * REQUESTS; i++) {
                  ask(hasty);
                }
              })
          .isInstanceOfSatisfying(
              RateLimitException.class,
              error -> {
                assertThat(error.code()).contains("rate_limit_exceeded");
                assertThat(error.type()).contains("requests");
                assertThat(error.headers().values("x-ratelimit-limit-requests"))
                    .containsExactly(Integer.toString(REQUESTS));
                assertThat(error.headers().values("x-ratelimit-remaining-requests"))
                    .singleElement()
                    .isIn("0", "1");
              });
    }
  }

  @Test
  void aWaitOfManyMinutesIsToldAtOnce() {
    try (RouterProcess router = router("tokens-per-minute: 1")) {
      OpenAIClient client = openai(router, 2);
      assertThat(ask(client).usage().orElseThrow().totalTokens()).isGreaterThan(3);

      assertThatThrownBy(() -> ask(client))
          .isInstanceOfSatisfying(
              RateLimitException.class,
              error -> {
                assertThat(error.type()).contains("tokens");
                assertThat(error.headers().values("retry-after")).hasSize(1);
              });
      assertThat(refusals(router, "tokens")).as("it was not asked again").isEqualTo(1);

      assertThatThrownBy(
              () ->
                  AnthropicOkHttpClient.builder()
                      .baseUrl(router.url())
                      .apiKey(KEY)
                      .build()
                      .messages()
                      .create(
                          MessageCreateParams.builder()
                              .model("m")
                              .maxTokens(2)
                              .addUserMessage("hello")
                              .build()))
          .isInstanceOfSatisfying(
              com.anthropic.errors.RateLimitException.class,
              error -> {
                assertThat(error.type()).contains(ErrorType.RATE_LIMIT_ERROR);
                assertThat(error.headers().values("anthropic-ratelimit-tokens-remaining"))
                    .containsExactly("0");
              });
      assertThat(refusals(router, "tokens")).isEqualTo(2);
    }
  }
}
