package dev.headrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.Engine;
import dev.headrace.worker.engine.EngineDetector.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An engine that nobody named is known by its answers. */
class EngineDetectorTest {

  @Test
  void four_engines_sign_their_model_list() {
    for (String id : List.of("vllm", "llamacpp", "sglang", "trtllm")) {
      String list = new Fixtures(id).read("models.json");
      assertThat(EngineDetector.proven(new Answer("/v1/models", 200, list))).hasToString(id);
    }
  }

  @Test
  void tgi_is_known_by_its_info() {
    Fixtures tgi = new Fixtures("tgi");
    assertThat(
            detect(
                Map.of(
                    "/v1/models", tgi.read("models.json"),
                    "/info", tgi.read("profile/info.json"))))
        .hasToString("tgi");
  }

  @Test
  void llama_server_is_known_even_while_it_loads() {
    String body = new Fixtures("llamacpp").read("health/503-LOADING-model.json");
    assertThat(EngineDetector.proven(new Answer("/v1/models", 503, body))).hasToString("llamacpp");
  }

  @Test
  void renamed_owners_do_not_hide_an_engine() {
    String anonymous = "{\"data\":[{\"id\":\"m\",\"owned_by\":\"acme\"}]}";
    assertThat(
            detect(
                Map.of(
                    "/v1/models",
                    anonymous,
                    "/props",
                    new Fixtures("llamacpp").read("profile/props.json"))))
        .hasToString("llamacpp");
    assertThat(
            detect(
                Map.of(
                    "/v1/models",
                    anonymous,
                    "/get_server_info",
                    new Fixtures("sglang").read("profile/server_info.json"))))
        .hasToString("sglang");
    assertThat(
            detect(
                Map.of(
                    "/v1/models",
                    new Fixtures("vllm").read("models.json").replace("\"vllm\"", "\"acme\""),
                    "/version",
                    "{\"version\":\"0.12.1\"}")))
        .hasToString("vllm");
  }

  @Test
  void whatever_else_has_a_model_list_is_compatible() {
    assertThat(detect(Map.of("/v1/models", new Fixtures("openai").read("models.json"))))
        .hasToString("openai");
    assertThat(detect(Map.of("/v1/models", new Fixtures("openai").read("models-ollama.json"))))
        .hasToString("openai");
  }

  @Test
  void a_web_server_is_no_engine() {
    assertThat(detect(Map.of("/v1/models", "<html>Welcome to nginx</html>"))).isNull();
    assertThat(detect(Map.of())).isNull();
  }

  private static Engine detect(Map<String, String> answered) {
    List<Answer> answers = new ArrayList<>();
    for (String path : EngineDetector.questions()) {
      String body = answered.get(path);
      Answer answer = new Answer(path, body == null ? 404 : 200, body == null ? "" : body);
      Engine proven = EngineDetector.proven(answer);
      if (proven != null) {
        return proven;
      }
      answers.add(answer);
    }
    return EngineDetector.likeliest(answers);
  }
}
