package dev.headrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.LoadReader;
import dev.headrace.worker.load.WorkerLoad;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** llama-server's dialect. */
class LlamaCppEngineTest extends EngineContract {

  LlamaCppEngineTest() {
    super("llamacpp");
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
        Map.entry(Endpoint.TOKENIZE, "/tokenize"),
        Map.entry(Endpoint.DETOKENIZE, "/detokenize"),
        Map.entry(Endpoint.APPLY_TEMPLATE, "/apply-template"),
        Map.entry(Endpoint.TRANSCRIPTIONS, "/v1/audio/transcriptions"));
  }

  @Override
  List<ServedModel> listed() {
    return List.of(
        new ServedModel("llama-8b", null, 4096), new ServedModel("gpt-4o-mini", null, 4096));
  }

  @Test
  void its_build_and_its_slots_are_told() {
    WorkerProfile profile = profile("/props", "props.json");

    assertThat(profile.version()).isEqualTo("b10573-3f545becc");
    assertThat(profile.maxConcurrency()).isEqualTo(4);
  }

  @Test
  void metrics_tell_what_is_deferred() {
    assertThat(load("/metrics", "metrics.txt")).isEqualTo(WorkerLoad.of(7, 2, 5, Double.NaN));
  }

  @Test
  void slots_tell_what_works_and_how_many_there_are() {
    WorkerLoad load = load("/slots", "slots.json");

    assertThat(load.running()).isEqualTo(3);
    assertThat(load.slots()).isEqualTo(4);
    assertThat(load.waiting()).isEqualTo(WorkerLoad.UNKNOWN);
    assertThat(load("/slots", "slots-2024.json").running()).isEqualTo(1);
  }

  @Test
  void metrics_are_preferred_to_slots() {
    assertThat(engine.loadReaders())
        .extracting(LoadReader::path)
        .containsExactly("/metrics", "/slots");
  }
}
