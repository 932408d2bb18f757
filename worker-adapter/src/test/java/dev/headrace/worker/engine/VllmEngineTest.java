package dev.headrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.StreamEnd;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.WorkerLoad;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** vLLM's dialect. */
class VllmEngineTest extends EngineContract {

  VllmEngineTest() {
    super("vllm");
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
        Map.entry(Endpoint.SCORE, "/v1/score"),
        Map.entry(Endpoint.POOLING, "/pooling"),
        Map.entry(Endpoint.CLASSIFY, "/classify"),
        Map.entry(Endpoint.TOKENIZE, "/tokenize"),
        Map.entry(Endpoint.DETOKENIZE, "/detokenize"),
        Map.entry(Endpoint.TRANSCRIPTIONS, "/v1/audio/transcriptions"),
        Map.entry(Endpoint.TRANSLATIONS, "/v1/audio/translations"));
  }

  @Override
  List<ServedModel> listed() {
    return List.of(
        new ServedModel("llama-8b", null, 8192),
        new ServedModel("gpt-4o-mini", null, 8192),
        new ServedModel("sql-lora", "llama-8b", null));
  }

  @Test
  void its_version_is_told_and_its_concurrency_is_not() {
    WorkerProfile profile = profile("/version", "version.json");

    assertThat(profile.version()).isEqualTo("0.12.1");
    assertThat(profile.maxConcurrency()).isNull();
  }

  @Test
  void counts_of_data_parallel_engines_add_up_and_the_fullest_cache_counts() {
    assertThat(load("/metrics", "metrics.txt"))
        .isEqualTo(WorkerLoad.of(7, 5, 7, 0.9400000000000001));
  }

  @Test
  void the_older_name_of_the_cache_gauge_is_read() {
    assertThat(load("/metrics", "metrics-0.9.txt")).isEqualTo(WorkerLoad.of(7, 1, 0, 0.5));
  }

  @Test
  void its_audio_streams_end_with_the_mark_of_chat() {
    assertThat(engine.streamEnd(Endpoint.TRANSCRIPTIONS)).isEqualTo(StreamEnd.DONE_MARK);
  }
}
