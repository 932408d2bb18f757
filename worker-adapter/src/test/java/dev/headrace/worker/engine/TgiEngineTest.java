package dev.headrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.WorkerLoad;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** TGI's dialect. */
class TgiEngineTest extends EngineContract {

  TgiEngineTest() {
    super("tgi");
  }

  @Override
  Map<Endpoint, String> served() {
    return Map.ofEntries(
        Map.entry(Endpoint.CHAT, "/v1/chat/completions"),
        Map.entry(Endpoint.COMPLETIONS, "/v1/completions"),
        Map.entry(Endpoint.TOKENIZE, "/tokenize"),
        Map.entry(Endpoint.GENERATE, "/generate"),
        Map.entry(Endpoint.GENERATE_STREAM, "/generate_stream"));
  }

  @Override
  List<ServedModel> listed() {
    return List.of(ServedModel.of("mistralai/Mistral-7B-Instruct-v0.3"));
  }

  @Test
  void its_version_and_its_admission_limit_are_told() {
    WorkerProfile profile = profile("/info", "info.json");

    assertThat(profile.version()).isEqualTo("3.3.7");
    assertThat(profile.maxConcurrency()).isEqualTo(128);
  }

  @Test
  void the_tokens_of_the_batch_stand_for_the_cache() {
    assertThat(load("/metrics", "metrics.txt"))
        .isEqualTo(WorkerLoad.of(7, 2, 4, 0.25).withKvTokens(16_384));
  }

  @Test
  void stream_options_go_to_chat_alone_because_completions_tell_their_usage_unasked() {
    assertThat(engine.takesStreamOptions(Endpoint.CHAT)).isTrue();
    assertThat(engine.takesStreamOptions(Endpoint.COMPLETIONS)).isFalse();
    assertThat(engine.takesStreamOptions(Endpoint.GENERATE_STREAM)).isFalse();
  }
}
