package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import com.openai.models.responses.ResponseCreateParams;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code com.openai:openai-java} works unchanged, with nothing but a base URL. */
@NeedsParts(RealPart.LLAMA_SERVER)
@ExtendWith(SdkFleet.Provider.class)
class OpenAiJavaIT {
  private final SdkFleet fleet;
  private final OpenAIClient client;

  OpenAiJavaIT(SdkFleet fleet) {
    this.fleet = fleet;
    this.client = client(SdkFleet.KEY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"real", "simulated", "gpt-4o-mini"})
  void answersAChat(String model) {
    ChatCompletion answer = client.chat().completions().create(chat(model).build());

    assertThat(answer.choices().get(0).message().content().orElseThrow()).isNotEmpty();
    assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(12);
  }

  @ParameterizedTest
  @ValueSource(strings = {"real", "simulated"})
  void streamsAChat(String model) {
    List<ChatCompletionChunk> chunks = stream(chat(model).build());

    assertThat(chunks).hasSizeGreaterThan(3);
    assertThat(chunks).noneMatch(chunk -> chunk.usage().isPresent());
    assertThat(whole(chunks).choices().get(0).message().content().orElseThrow()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"real", "simulated"})
  void tellsUsageInAStreamWhenAsked(String model) {
    List<ChatCompletionChunk> chunks =
        stream(
            chat(model)
                .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build());

    ChatCompletionChunk last = chunks.get(chunks.size() - 1);
    assertThat(last.choices()).isEmpty();
    assertThat(last.usage().orElseThrow().completionTokens()).isEqualTo(12);
  }

  @Test
  void callsATool() {
    ChatCompletion answer = client.chat().completions().create(callingATool().build());

    assertThatItCallsTheTool(answer);
  }

  @Test
  void callsAToolInAStream() {
    assertThatItCallsTheTool(whole(stream(callingATool().build())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"real", "simulated"})
  void embeds(String model) {
    var answer =
        client
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model(model)
                    .inputOfArrayOfStrings(List.of("hello", "water"))
                    .build());

    assertThat(answer.data()).hasSize(2);
    assertThat(answer.data().get(0).embedding()).hasSizeGreaterThan(1).anyMatch(v -> v != 0);
  }

  @Test
  void answersAResponse() {
    ResponseCreateParams params =
        ResponseCreateParams.builder().model("real").input("hello").maxOutputTokens(8).build();

    assertThat(client.responses().create(params).output()).isNotEmpty();
    try (var stream = client.responses().createStreaming(params)) {
      var events = stream.stream().toList();
      assertThat(events.get(0).isCreated()).isTrue();
      assertThat(events.get(events.size() - 1).isCompleted()).isTrue();
    }
  }

  @Test
  void listsTheModels() {
    List<String> ids = client.models().list().data().stream().map(Model::id).toList();

    assertThat(ids).contains("real", "simulated");
    assertThat(client.models().retrieve("real").id()).isEqualTo("real");
  }

  @Test
  void aWrongKeyIsUnauthorized() {
    assertThatThrownBy(() -> client("sk-nobody").chat().completions().create(chat("real").build()))
        .isInstanceOfSatisfying(
            UnauthorizedException.class,
            error -> {
              assertThat(error.code()).contains("invalid_api_key");
            });
  }

  @Test
  void anUnknownModelIsNotFound() {
    assertThatThrownBy(() -> client.chat().completions().create(chat("nobody-serves-this").build()))
        .isInstanceOfSatisfying(
            NotFoundException.class,
            error -> {
              assertThat(error.code()).contains("model_not_found");
              assertThat(error.param()).contains("model");
              assertThat(error.headers().values("x-request-id")).hasSize(1);
            });
  }

  @Test
  void aPromptBeyondTheContextIsABadRequest() {
    assertThatThrownBy(
            () ->
                client
                    .chat()
                    .completions()
                    .create(chat("real").addUserMessage("word ".repeat(4000)).build()))
        .isInstanceOf(BadRequestException.class);
  }

  @Test
  void aFullWorkerIsAskedThreeTimesInAll() {
    long before = fleet.requestsTo("always-429");

    assertThatThrownBy(() -> client.chat().completions().create(chat("always-429").build()))
        .isInstanceOf(RateLimitException.class);
    assertThat(fleet.requestsTo("always-429") - before).isEqualTo(3);
  }

  @Test
  void anUnavailableWorkerIsAskedThreeTimesInAll() {
    long before = fleet.requestsTo("always-503");

    assertThatThrownBy(() -> client.chat().completions().create(chat("always-503").build()))
        .isInstanceOfSatisfying(
            InternalServerException.class,
            error -> {
              assertThat(error.statusCode()).isEqualTo(503);
            });
    assertThat(fleet.requestsTo("always-503") - before).isEqualTo(3);
  }

  @Test
  void aBrokenStreamRaises() {
    List<ChatCompletionChunk> arrived = new ArrayList<>();

    assertThatThrownBy(
            () -> {
              try (StreamResponse<ChatCompletionChunk> stream =
                  client
                      .chat()
                      .completions()
                      .createStreaming(chat("dies-midway").maxCompletionTokens(64).build())) {
                stream.stream().forEach(arrived::add);
              }
            })
        .isInstanceOf(OpenAIServiceException.class);
    assertThat(arrived).isNotEmpty();
  }

  private OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder().baseUrl(fleet.url() + "/v1").apiKey(key).build();
  }

  private static ChatCompletionCreateParams.Builder chat(String model) {
    return ChatCompletionCreateParams.builder()
        .model(model)
        .addUserMessage("hello")
        .maxCompletionTokens(12);
  }

  private static ChatCompletionCreateParams.Builder callingATool() {
    Map<String, Object> city = Map.of("type", "string", "enum", List.of("Paris"));
    FunctionParameters parameters =
        FunctionParameters.builder()
            .putAdditionalProperty("type", JsonValue.from("object"))
            .putAdditionalProperty("properties", JsonValue.from(Map.of("city", city)))
            .putAdditionalProperty("required", JsonValue.from(List.of("city")))
            .putAdditionalProperty("additionalProperties", JsonValue.from(false))
            .build();
    return chat("real")
        .maxCompletionTokens(400)
        .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
        .parallelToolCalls(false)
        .logitBias(
            ChatCompletionCreateParams.LogitBias.builder()
                .putAdditionalProperty(
                    String.valueOf(TinyModel.TOOL_CALL_TOKEN), JsonValue.from(90))
                .putAdditionalProperty(String.valueOf(TinyModel.END_TOKEN), JsonValue.from(100))
                .build())
        .addTool(
            ChatCompletionFunctionTool.builder()
                .function(
                    FunctionDefinition.builder()
                        .name("get_weather")
                        .description("The weather in a city")
                        .parameters(parameters)
                        .build())
                .build());
  }

  private static void assertThatItCallsTheTool(ChatCompletion answer) {
    ChatCompletion.Choice choice = answer.choices().get(0);
    assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
    var call = choice.message().toolCalls().orElseThrow().get(0).asFunction().function();
    assertThat(call.name()).isEqualTo("get_weather");
    assertThat(call.arguments().replaceAll("\\s", "")).isEqualTo("{\"city\":\"Paris\"}");
  }

  private List<ChatCompletionChunk> stream(ChatCompletionCreateParams params) {
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(params)) {
      return stream.stream().toList();
    }
  }

  private static ChatCompletion whole(List<ChatCompletionChunk> chunks) {
    ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
    chunks.forEach(accumulator::accumulate);
    return accumulator.chatCompletion();
  }
}
