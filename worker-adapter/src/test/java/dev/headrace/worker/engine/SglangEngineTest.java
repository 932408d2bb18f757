package dev.headrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.WorkerLoad;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** SGLang's dialect. */
class SglangEngineTest extends EngineContract {

  SglangEngineTest() {
    super("sglang");
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
        Map.entry(Endpoint.CLASSIFY, "/v1/classify"),
        Map.entry(Endpoint.TOKENIZE, "/tokenize"),
        Map.entry(Endpoint.DETOKENIZE, "/detokenize"),
        Map.entry(Endpoint.TRANSCRIPTIONS, "/v1/audio/transcriptions"));
  }

  @Override
  List<ServedModel> listed() {
    return List.of(
        new ServedModel("qwen-7b", null, 32768), new ServedModel("qwen-7b:sql", "qwen-7b", null));
  }

  @Test
  void its_version_is_told_and_the_limits_of_its_ranks_add_up() {
    WorkerProfile profile = profile("/server_info", "server_info.json");

    assertThat(profile.version()).isEqualTo("0.5.18");
    assertThat(profile.maxConcurrency()).isEqualTo(256);
  }

  @Test
  void an_older_version_tells_its_limit_as_a_launch_argument() {
    WorkerProfile profile = profile("/get_server_info", "get_server_info.json");

    assertThat(profile.version()).isEqualTo("0.4.6");
    assertThat(profile.maxConcurrency()).isEqualTo(64);
  }

  @Test
  void loads_of_its_ranks_add_up() {
    assertThat(load("/v1/loads?include=core", "loads.json"))
        .isEqualTo(new WorkerLoad(7, 11, 1, 0.71, 256, 900, 20_480));
  }

  @Test
  void metrics_repeated_by_tensor_parallel_ranks_and_priorities_count_once() {
    assertThat(load("/metrics", "metrics.txt")).isEqualTo(WorkerLoad.of(7, 6, 3, 0.5));
  }

  @Test
  void slow_health_is_told_from_death_by_ping() {
    assertThat(engine.livenessPath()).isEqualTo("/ping");
  }
}
