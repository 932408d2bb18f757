package dev.headrace.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.config.ConfigLoader;
import dev.headrace.router.config.ConfigOverrides;
import dev.headrace.router.config.ConfigResult;
import dev.headrace.router.config.HeadraceConfig;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits change with the file while the router runs, and a bad file changes nothing. */
final class LimitsFollowTheFileTest {
  @TempDir Path dir;
  private final HttpClient http = HttpClient.newHttpClient();

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private Path write(String limits) throws Exception {
    return Files.writeString(
        dir.resolve("headrace.yaml"),
        """
        listen: 127.0.0.1:0
        admin: { listen: 127.0.0.1:0 }
        auth: { keys-file: keys.txt }
        rate-limits: %s
        """
            .formatted(limits));
  }

  private static ConfigResult load(Path file) {
    return new ConfigLoader(Map.of()).load(file, ConfigOverrides.NONE);
  }

  private List<Object> limits(HeadraceRouter router) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + router.adminPort() + "/admin/v1/limits"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return new JsonObject(answer.body())
        .getJsonArray("limits").stream()
            .map(JsonObject.class::cast)
            .<Object>map(
                key -> key.getString("key") + key.getJsonObject("requests").getLong("limit"))
            .toList();
  }

  @Test
  void atRunTimeAndNamesWithoutAKeyAreTold() throws Exception {
    Files.writeString(dir.resolve("keys.txt"), "alice:sk-alice\n");
    List<String> told = new CopyOnWriteArrayList<>();
    Handler ear =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            told.add(new SimpleFormatter().formatMessage(line));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("dev.headrace.router");
    logger.addHandler(ear);
    RouterRuntime runtime = RouterRuntime.create(new HeadraceConfig.Threads(1, "auto"));
    Path file = write("{ keys: { alice: { requests-per-minute: 5 } } }");
    HeadraceRouter router =
        get(HeadraceRouter.start(runtime, (ConfigResult.Ok) load(file), () -> load(file)));
    try {
      assertThat(limits(router)).containsExactly("alice5");
      write("{ keys: { alice: { requests-per-minute: 7 }, alicia: { requests-per-minute: 1 } } }");
      await()
          .atMost(20, TimeUnit.SECONDS)
          .untilAsserted(() -> assertThat(limits(router)).containsExactly("alice7", "alicia1"));
      assertThat(told)
          .anyMatch(
              line ->
                  line.startsWith("rate-limits.keys.alicia has no effect")
                      && line.endsWith("did you mean alice?"));
      write("{ keys: { alice: { requests-per-minute: 0 } } }");
      await()
          .atMost(20, TimeUnit.SECONDS)
          .until(() -> told.stream().anyMatch(line -> line.contains("so nothing changes")));
      assertThat(limits(router)).containsExactly("alice7", "alicia1");
    } finally {
      logger.removeHandler(ear);
      get(router.stop());
      get(runtime.vertx().close());
    }
  }
}
