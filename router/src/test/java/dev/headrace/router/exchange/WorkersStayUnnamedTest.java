package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** A worker's reason reaches the client; where the worker stands does not. */
class WorkersStayUnnamedTest {

  /** What a client reads when its worker refuses with this body; {@code PORT} is the worker's. */
  private static String refusal(String body) throws Exception {
    String[] told = {body};
    try (ScriptedWorker worker = new ScriptedWorker(talk -> talk.json(400, told[0]));
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      String port = Integer.toString(worker.port());
      told[0] = body.replace("PORT", port);
      Answer answer = kit.post(RouterKit.CHAT, RouterKit.PLAIN);
      assertThat(answer.status()).isEqualTo(400);
      return answer.body().replace(port, "PORT");
    }
  }

  private static String message(String body) {
    return new JsonObject(body).getJsonObject("error").getString("message");
  }

  @Test
  void aNumberThatLooksLikeThePortIsNoAddress() throws Exception {
    String body =
        "{\"error\":{\"message\":\"too long\",\"type\":\"t\",\"param\":null,\"code\":null,"
            + "\"limit\":PORT}}";
    assertThat(refusal(body)).isEqualTo(body);
  }

  @Test
  void onlyTheAddressIsCutOut() throws Exception {
    assertThat(
            message(
                refusal("{\"detail\":\"bad field 'x', see http://127.0.0.1:PORT/docs for more\"}")))
        .isEqualTo("bad field 'x', see the worker/docs for more");
    assertThat(message(refusal("{\"detail\":\"gpu-7:PORT says no\"}")))
        .isEqualTo("the worker says no");
  }
}
