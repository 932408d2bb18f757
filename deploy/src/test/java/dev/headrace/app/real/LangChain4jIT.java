package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code dev.langchain4j:langchain4j-open-ai} works unchanged, with nothing but a base URL. */
@NeedsParts(RealPart.LLAMA_SERVER)
@ExtendWith(SdkFleet.Provider.class)
class LangChain4jIT {
  private final SdkFleet fleet;

  LangChain4jIT(SdkFleet fleet) {
    this.fleet = fleet;
  }

  @ParameterizedTest
  @ValueSource(strings = {"real", "simulated"})
  void answersAChat(String model) {
    ChatResponse answer = model(model, SdkFleet.KEY).build().chat(UserMessage.from("hello"));

    assertThat(answer.aiMessage().text()).isNotEmpty();
    assertThat(answer.tokenUsage().outputTokenCount()).isEqualTo(12);
  }

  @ParameterizedTest
  @ValueSource(strings = {"real", "simulated"})
  void streamsAChat(String model) throws Exception {
    StringBuilder parts = new StringBuilder();
    ChatResponse answer = stream(model, parts).get(30, TimeUnit.SECONDS);

    assertThat(parts.toString()).isNotEmpty().isEqualTo(answer.aiMessage().text());
    assertThat(answer.tokenUsage().outputTokenCount()).isEqualTo(12);
    assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
  }

  @Test
  void callsATool() {
    ToolSpecification weather =
        ToolSpecification.builder()
            .name("get_weather")
            .description("The weather in a city")
            .parameters(
                JsonObjectSchema.builder()
                    .addEnumProperty("city", List.of("Paris"))
                    .required("city")
                    .additionalProperties(false)
                    .build())
            .build();
    ChatResponse answer =
        model("real", SdkFleet.KEY)
            .maxTokens(400)
            .parallelToolCalls(false)
            .logitBias(
                Map.of(
                    String.valueOf(TinyModel.TOOL_CALL_TOKEN),
                    90,
                    String.valueOf(TinyModel.END_TOKEN),
                    100))
            .build()
            .chat(
                ChatRequest.builder()
                    .messages(UserMessage.from("hello"))
                    .toolSpecifications(weather)
                    .toolChoice(ToolChoice.REQUIRED)
                    .build());

    var call = answer.aiMessage().toolExecutionRequests().get(0);
    assertThat(call.name()).isEqualTo("get_weather");
    assertThat(call.arguments().replaceAll("\\s", "")).isEqualTo("{\"city\":\"Paris\"}");
  }

  @Test
  void embeds() {
    var model =
        OpenAiEmbeddingModel.builder()
            .baseUrl(fleet.url() + "/v1")
            .apiKey(SdkFleet.KEY)
            .modelName("real")
            .build();

    assertThat(model.embed("hello").content().vector()).hasSizeGreaterThan(1);
  }

  @Test
  void tellsErrorsByTheirKind() {
    assertThatThrownBy(() -> model("real", "sk-nobody").build().chat("hello"))
        .isInstanceOf(AuthenticationException.class);
    assertThatThrownBy(() -> model("nobody-serves-this", SdkFleet.KEY).build().chat("hello"))
        .isInstanceOf(ModelNotFoundException.class);
    assertThatThrownBy(() -> model("real", SdkFleet.KEY).build().chat("word ".repeat(4000)))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void aFullWorkerIsAskedThreeTimesInAll() {
    long before = fleet.requestsTo("always-429");

    assertThatThrownBy(() -> model("always-429", SdkFleet.KEY).maxRetries(2).build().chat("hello"))
        .isInstanceOf(RateLimitException.class);
    assertThat(fleet.requestsTo("always-429") - before).isEqualTo(3);
  }

  /** This library passes over error events; what tells the truth is the missing finish reason. */
  @Test
  void aBrokenStreamHasNoFinishReason() throws Exception {
    StringBuilder parts = new StringBuilder();
    ChatResponse answer = stream("dies-midway", parts).get(30, TimeUnit.SECONDS);

    assertThat(parts.toString()).isNotEmpty();
    assertThat(answer.finishReason()).isNull();
    assertThat(answer.tokenUsage()).isNull();
  }

  private OpenAiChatModel.OpenAiChatModelBuilder model(String model, String key) {
    return OpenAiChatModel.builder()
        .baseUrl(fleet.url() + "/v1")
        .apiKey(key)
        .modelName(model)
        .maxTokens(12);
  }

  private CompletableFuture<ChatResponse> stream(String model, StringBuilder parts) {
    CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
    OpenAiStreamingChatModel.builder()
        .baseUrl(fleet.url() + "/v1")
        .apiKey(SdkFleet.KEY)
        .modelName(model)
        .maxTokens(12)
        .build()
        .chat(
            "hello",
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String text) {
                parts.append(text);
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {
                whole.complete(response);
              }

              @Override
              public void onError(Throwable error) {
                whole.completeExceptionally(error);
              }
            });
    return whole;
  }
}
