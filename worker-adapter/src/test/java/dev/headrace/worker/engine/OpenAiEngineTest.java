package dev.headrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.ServedModel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The dialect of whatever is compatible. */
class OpenAiEngineTest extends EngineContract {

  OpenAiEngineTest() {
    super("openai");
  }

  @Override
  Map<Endpoint, String> served() {
    return Map.ofEntries(
        Map.entry(Endpoint.CHAT, "/v1/chat/completions"),
        Map.entry(Endpoint.COMPLETIONS, "/v1/completions"),
        Map.entry(Endpoint.EMBEDDINGS, "/v1/embeddings"),
        Map.entry(Endpoint.RESPONSES, "/v1/responses"),
        Map.entry(Endpoint.MESSAGES, "/v1/messages"),
        Map.entry(Endpoint.COUNT_TOKENS, "/v1/messages/count_tokens"),
        Map.entry(Endpoint.RERANK, "/v1/rerank"),
        Map.entry(Endpoint.MODERATIONS, "/v1/moderations"),
        Map.entry(Endpoint.TRANSCRIPTIONS, "/v1/audio/transcriptions"),
        Map.entry(Endpoint.TRANSLATIONS, "/v1/audio/translations"),
        Map.entry(Endpoint.SPEECH, "/v1/audio/speech"),
        Map.entry(Endpoint.IMAGES, "/v1/images/generations"));
  }

  @Override
  List<ServedModel> listed() {
    return List.of(ServedModel.of("gpt-4o-mini"), ServedModel.of("text-embedding-3-small"));
  }

  @Test
  void context_lengths_are_read_under_the_names_that_providers_give_them() {
    assertThat(engine.models(fixtures.read("models-context.json")))
        .containsExactly(
            new ServedModel("deepseek/deepseek-chat", null, 163840),
            new ServedModel("groq/llama", null, 131072));
  }

  @Test
  void a_bare_array_of_cards_is_a_model_list() {
    assertThat(engine.models(fixtures.read("models-array.json")))
        .containsExactly(ServedModel.of("togethercomputer/m"));
  }

  @Test
  void names_that_no_header_may_hold_are_passed_over() {
    assertThat(
            engine.models("{\"data\":[{\"id\":\"a\\r\\nb\"},{\"id\":\" \"},{\"id\":\"c\"},\"d\"]}"))
        .extracting(ServedModel::id)
        .containsExactly("c", "d");
  }

  @Test
  void it_is_asked_for_models_because_it_has_no_health_path() {
    assertThat(engine.healthPath()).isEqualTo("/v1/models");
    assertThat(engine.loadReaders()).isEmpty();
  }
}
