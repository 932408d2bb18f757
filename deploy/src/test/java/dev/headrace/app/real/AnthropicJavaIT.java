package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.RateLimitException;
import com.anthropic.errors.UnauthorizedException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.ErrorType;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code com.anthropic:anthropic-java} works unchanged, with nothing but a base URL. */
@NeedsParts(RealPart.LLAMA_SERVER)
@ExtendWith(SdkFleet.Provider.class)
class AnthropicJavaIT {
  private final SdkFleet fleet;
  private final AnthropicClient client;

  AnthropicJavaIT(SdkFleet fleet) {
    this.fleet = fleet;
    this.client = client(SdkFleet.KEY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"real", "simulated"})
  void answersAMessage(String model) {
    Message answer = client.messages().create(message(model).build());

    assertThat(answer.content().get(0).asText().text()).isNotEmpty();
    assertThat(answer.usage().outputTokens()).isEqualTo(12);
    assertThat(answer.stopReason()).contains(StopReason.MAX_TOKENS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"real", "simulated"})
  void streamsAMessage(String model) {
    MessageAccumulator whole = MessageAccumulator.create();
    try (StreamResponse<RawMessageStreamEvent> stream =
        client.messages().createStreaming(message(model).build())) {
      stream.stream().forEach(whole::accumulate);
    }

    assertThat(whole.message().content().get(0).asText().text()).isNotEmpty();
    assertThat(whole.message().stopReason()).contains(StopReason.MAX_TOKENS);
  }

  @Test
  void countsTokens() {
    var count =
        client
            .messages()
            .countTokens(
                MessageCountTokensParams.builder().model("real").addUserMessage("hello").build());

    assertThat(count.inputTokens()).isPositive();
  }

  @Test
  void aWrongKeyIsUnauthorized() {
    assertThatThrownBy(() -> client("sk-nobody").messages().create(message("real").build()))
        .isInstanceOfSatisfying(
            UnauthorizedException.class,
            error -> {
              assertThat(error.type()).contains(ErrorType.AUTHENTICATION_ERROR);
            });
  }

  @Test
  void anUnknownModelIsNotFound() {
    assertThatThrownBy(() -> client.messages().create(message("nobody-serves-this").build()))
        .isInstanceOfSatisfying(
            NotFoundException.class,
            error -> {
              assertThat(error.type()).contains(ErrorType.NOT_FOUND_ERROR);
            });
  }

  @Test
  void aFullWorkerIsAskedThreeTimesInAll() {
    long before = fleet.requestsTo("always-429");

    assertThatThrownBy(() -> client.messages().create(message("always-429").build()))
        .isInstanceOf(RateLimitException.class);
    assertThat(fleet.requestsTo("always-429") - before).isEqualTo(3);
  }

  /** The worker says 503 because it is overloaded: to this API's clients that is a rate limit. */
  @Test
  void anOverloadedWorkerIsAskedThreeTimesInAll() {
    long before = fleet.requestsTo("always-503");

    assertThatThrownBy(() -> client.messages().create(message("always-503").build()))
        .isInstanceOf(RateLimitException.class);
    assertThat(fleet.requestsTo("always-503") - before).isEqualTo(3);
  }

  @Test
  void aBrokenStreamRaises() {
    List<RawMessageStreamEvent> arrived = new ArrayList<>();

    assertThatThrownBy(
            () -> {
              try (StreamResponse<RawMessageStreamEvent> stream =
                  client.messages().createStreaming(message("dies-midway").maxTokens(64).build())) {
                stream.stream().forEach(arrived::add);
              }
            })
        .isInstanceOf(AnthropicServiceException.class);
    assertThat(arrived).isNotEmpty();
  }

  private AnthropicClient client(String key) {
    return AnthropicOkHttpClient.builder().baseUrl(fleet.url()).apiKey(key).build();
  }

  private static MessageCreateParams.Builder message(String model) {
    return MessageCreateParams.builder().model(model).addUserMessage("hello").maxTokens(12);
  }
}
