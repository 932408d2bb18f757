package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** An alias reaches the worker as the name that it knows; nothing else of the body changes. */
class ModelSpliceTest {

  @Test
  void anAliasIsReplacedAndUnknownFieldsTravelUntouched() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit =
            new RouterKit()
                .worker("a", "llamacpp", "real/model", worker.port())
                .alias("gpt", "real/model")
                .start()) {
      String body = "{ \"x\" : 1.50,\t\"model\" : \"gpt\" , \"y\":\"\\u00e9\"}";
      assertThat(kit.post(RouterKit.CHAT, body).status()).isEqualTo(200);
      assertThat(worker.requests.get(0).body())
          .isEqualTo("{ \"x\" : 1.50,\t\"model\" : \"real/model\" , \"y\":\"\\u00e9\"}");
    }
  }

  @Test
  void usageThatTheClientAskedForStays() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.twoTokens());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      String body =
          "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
              + "\"messages\":[]}";
      Answer answer = kit.post(RouterKit.CHAT, body);
      assertThat(answer.body()).endsWith(Frames.STOP + Frames.USAGE + Frames.DONE);
      assertThat(worker.requests.get(0).body()).isEqualTo(body);
    }
  }

  @Test
  void aMultipartBodyIsRoutedAndSplicedWithoutReencoding() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit =
            new RouterKit()
                .worker("a", "openai", "whisper", worker.port())
                .alias("w", "whisper")
                .start()) {
      String body =
          "--q\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nRIFF\r\n"
              + "--q\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nw\r\n--q--\r\n";
      Answer answer =
          kit.post(
              "/v1/audio/transcriptions", body, "Content-Type: multipart/form-data; boundary=q");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(worker.requests.get(0).body())
          .isEqualTo(body.replace("\r\nw\r\n", "\r\nwhisper\r\n"));
      assertThat(worker.requests.get(0).header("content-type"))
          .isEqualTo("multipart/form-data; boundary=q");
    }
  }

  @Test
  void anUnknownModelIsToldWithTheCloseOnes() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "llama-8b", worker.port()).start()) {
      Answer answer = kit.post(RouterKit.CHAT, "{\"model\":\"lama-8b\"}");
      assertThat(answer.status()).isEqualTo(404);
      JsonObject error = new JsonObject(answer.body()).getJsonObject("error");
      assertThat(error.getString("code")).isEqualTo("model_not_found");
      assertThat(error.getString("param")).isEqualTo("model");
      assertThat(error.getString("message")).contains("'llama-8b'");
      assertThat(kit.count("headrace.requests", "model", "unknown")).isEqualTo(1);
    }
  }

  @Test
  void anEndpointThatNoWorkerOfTheModelHasIsToldSo() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      Answer answer = kit.post("/generate", "{\"inputs\":\"x\",\"model\":\"m\"}");
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.body()).contains("unsupported_endpoint");
    }
  }

  @Test
  void tgisNativeFormNeedsNoModelWhenThereIsOnePool() throws Exception {
    try (ScriptedWorker worker =
            new ScriptedWorker(talk -> talk.json(200, "{\"generated_text\":\"a\"}"));
        RouterKit kit = new RouterKit().worker("a", "tgi", "m", worker.port()).start()) {
      assertThat(kit.post("/generate", "{\"inputs\":\"x\"}").body())
          .isEqualTo("{\"generated_text\":\"a\"}");
    }
  }
}
