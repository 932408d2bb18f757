package dev.headrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.Engine;
import org.junit.jupiter.api.Test;

/** Engines are found by the ids that configuration uses. */
class EnginesTest {

  @Test
  void the_ids_are_those_of_the_documentation() {
    assertThat(Engines.ids())
        .containsExactly("vllm", "tgi", "llamacpp", "sglang", "trtllm", "openai");
    assertThat(Engines.all()).extracting(Engine::id).isEqualTo(Engines.ids());
    for (String id : Engines.ids()) {
      assertThat(Engines.byId(id)).isNotNull().hasToString(id);
    }
  }

  @Test
  void another_spelling_is_no_engine() {
    assertThat(Engines.byId("vLLM")).isNull();
    assertThat(Engines.byId("")).isNull();
  }
}
