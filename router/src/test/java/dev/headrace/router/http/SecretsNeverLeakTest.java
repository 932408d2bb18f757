package dev.headrace.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A canary in every credential is found in no log, no metric, no error and no access record. */
class SecretsNeverLeakTest {
  private static final String CANARY = "canary7f3a";
  @TempDir Path folder;

  @Test
  void theCanaryIsNowhere() throws Exception {
    List<String> logged = new CopyOnWriteArrayList<>();
    Logger root = Logger.getLogger("dev.headrace.router");
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            StringWriter text = new StringWriter();
            text.append(new java.util.logging.SimpleFormatter().formatMessage(record));
            if (record.getThrown() != null) {
              record.getThrown().printStackTrace(new PrintWriter(text));
            }
            logged.add(text.toString());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    handler.setLevel(Level.ALL);
    Level before = root.getLevel();
    root.setLevel(Level.ALL);
    root.addHandler(handler);
    Path keys = folder.resolve("keys");
    Files.writeString(keys, "alice:" + CANARY + "-client\n");
    StringBuilder seen = new StringBuilder();
    try (ScriptedWorker broken =
            new ScriptedWorker(talk -> talk.answer(500, "text/plain", "boom"));
        ScriptedWorker refusing =
            new ScriptedWorker(
                talk ->
                    talk.json(
                        401, "{\"error\":{\"message\":\"bad key\",\"type\":\"t\",\"code\":401}}"));
        RouterKit kit = new RouterKit()) {
      kit.options.keysFile = keys;
      kit.worker("a", "vllm", "m", broken.port(), 9, CANARY + "-worker")
          .worker("b", "llamacpp", "m", refusing.port(), 9, CANARY + "-worker")
          .start();
      String[] auth = {"Authorization: Bearer " + CANARY + "-client"};
      seen.append(kit.post(RouterKit.CHAT, RouterKit.STREAM, auth));
      seen.append(kit.post(RouterKit.CHAT, "{\"model\":\"none\"}", auth));
      seen.append(kit.post(RouterKit.CHAT, "{bad", auth));
      seen.append(kit.post(RouterKit.CHAT, RouterKit.PLAIN, "x-api-key: " + CANARY + "-wrong"));
      await().atMost(20, TimeUnit.SECONDS).until(() -> kit.log.size() == 3);
      assertThat(broken.requests.get(0).header("authorization")).contains(CANARY + "-worker");

      Files.writeString(keys, CANARY + "-without-a-colon\n");
      await()
          .atMost(20, TimeUnit.SECONDS)
          .until(() -> logged.stream().anyMatch(line -> line.contains("keys file")));
      seen.append(kit.log).append(kit.registry.scrape());
    } finally {
      root.removeHandler(handler);
      root.setLevel(before);
    }
    assertThat(seen.toString()).doesNotContain(CANARY);
    assertThat(logged).isNotEmpty().noneMatch(line -> line.contains(CANARY));
  }
}
