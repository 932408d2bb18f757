package dev.headrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.load.LoadReader;
import dev.headrace.worker.load.WorkerLoad;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** trtllm-serve's dialect. */
class TrtllmEngineTest extends EngineContract {

  TrtllmEngineTest() {
    super("trtllm");
  }

  @Override
  Map<Endpoint, String> served() {
    return Map.ofEntries(
        Map.entry(Endpoint.CHAT, "/v1/chat/completions"),
        Map.entry(Endpoint.COMPLETIONS, "/v1/completions"),
        Map.entry(Endpoint.RESPONSES, "/v1/responses"));
  }

  @Override
  List<ServedModel> listed() {
    return List.of(ServedModel.of("llama-8b"));
  }

  @Test
  void its_version_is_told() {
    assertThat(profile("/version", "version.json").version()).isEqualTo("1.2.0");
  }

  @Test
  void its_load_is_read_from_prometheus_and_never_from_the_queue_that_reading_empties() {
    assertThat(engine.loadReaders())
        .extracting(LoadReader::path)
        .containsExactly("/prometheus/metrics");
    assertThat(load("/prometheus/metrics", "prometheus.txt"))
        .isEqualTo(new WorkerLoad(7, 6, 2, 0.375, 2048, WorkerLoad.UNKNOWN));
  }

  @Test
  void the_size_of_its_cache_is_blocks_times_tokens_of_a_block() {
    assertThat(load("/prometheus/metrics", "prometheus-cache.txt"))
        .isEqualTo(WorkerLoad.of(7, 6, 2, 0.375).withKvTokens(4096 * 32));
  }

  @Test
  void an_older_version_tells_no_load() {
    assertThat(load("/prometheus/metrics", "prometheus-old.txt")).isEqualTo(WorkerLoad.unknown(7));
  }
}
