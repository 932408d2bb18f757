package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A router that has no descriptor left says so, and no worker is blamed for it. */
class LocalFaultIsNobodysTest {
  private static final int DESCRIPTORS = 300;

  /** Kept connections would need no new descriptor. */
  private static final ScriptedWorker.Script CLOSING =
      talk -> {
        talk.send(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                + "Content-Length: 2\r\n\r\n{}");
        talk.close();
      };

  @Test
  void outOfDescriptors() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no shell that sets the limit");
    try (ScriptedWorker a = new ScriptedWorker(CLOSING);
        ScriptedWorker b = new ScriptedWorker(CLOSING)) {
      Process router = router(a.port(), b.port());
      try (BufferedReader out = router.inputReader(StandardCharsets.UTF_8);
          Writer in = router.outputWriter(StandardCharsets.UTF_8)) {
        int port = Integer.parseInt(out.readLine());
        try (RawClient client = new RawClient(port)) {
          assertThat(post(client, RouterKit.PLAIN).status()).isEqualTo(200);
          // Loads what tells of failures: later there is no descriptor for it.
          String dead = RouterKit.PLAIN.replace("\"m\"", "\"dead\"");
          assertThat(post(client, dead).status()).isEqualTo(502);

          assertThat(say("take", in, out)).isNotNull();
          for (int i = 0; i < 3; i++) {
            Answer answer = post(client, RouterKit.PLAIN);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(new JsonObject(answer.body()).getJsonObject("error").getString("code"))
                .isEqualTo("router_overloaded");
            assertThat(answer.header("retry-after")).isEqualTo("1");
            assertThat(answer.header("x-should-retry")).isEqualTo("true");
          }
          String told = say("give", in, out);
          assertThat(told).doesNotContain("connect-failed a", "connect-failed b", "failed a");
          assertThat(told).endsWith("charged: 0");
          assertThat(post(client, RouterKit.PLAIN).status()).isEqualTo(200);
        }
      } finally {
        router.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
      }
    }
  }

  private static Answer post(RawClient client, String body) throws Exception {
    return client.post(RouterKit.CHAT, body).read();
  }

  private static String say(String word, Writer in, BufferedReader out) throws Exception {
    in.write(word + "\n");
    in.flush();
    String line;
    do {
      line = out.readLine();
    } while (line != null && !line.startsWith(word));
    return line;
  }

  private static Process router(int a, int b) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new ProcessBuilder(
            "/bin/sh",
            "-c",
            "ulimit -n " + DESCRIPTORS + " && exec \"$0\" \"$@\"",
            java,
            "-Xmx256m",
            "-Dheadrace.test.transport=" + System.getProperty("headrace.test.transport", "auto"),
            "-cp",
            System.getProperty("java.class.path"),
            OutOfDescriptors.class.getName(),
            Integer.toString(a),
            Integer.toString(b))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
