package dev.headrace.router.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangedFileIsReloadedTest {
  @TempDir private Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final List<ConfigResult> results = new CopyOnWriteArrayList<>();
  private Path file;
  private ConfigWatcher watcher;

  @BeforeEach
  void start() throws Exception {
    file = folder.resolve("headrace.yaml");
    Files.writeString(file, "retry: { attempts: 2 }");
    ConfigLoader loader = new ConfigLoader(Map.of());
    watcher =
        new ConfigWatcher(
            vertx, file, Duration.ofMillis(20), () -> loader.load(file, ConfigOverrides.NONE));
    watcher.start(results::add).toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    watcher.stop();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void other_content_is_reported_once_good_or_bad() throws IOException {
    replace("retry: { attempts: 4 }");
    await().atMost(Duration.ofSeconds(20)).until(() -> results.size() == 1);
    assertThat(((ConfigResult.Ok) results.get(0)).config().retry().attempts()).isEqualTo(4);

    replace("retry: { attempts: x }");
    await().atMost(Duration.ofSeconds(20)).until(() -> results.size() == 2);
    assertThat(results.get(1)).isInstanceOf(ConfigResult.Refused.class);

    Files.delete(file);
    await().atMost(Duration.ofSeconds(20)).until(() -> results.size() == 3);
    assertThat(results.get(2)).isInstanceOf(ConfigResult.Refused.class);

    replace("retry: { attempts: 5 }");
    await().atMost(Duration.ofSeconds(20)).until(() -> results.size() == 4);
    assertThat(((ConfigResult.Ok) results.get(3)).config().retry().attempts()).isEqualTo(5);
  }

  @Test
  void the_same_content_written_anew_is_no_change() throws IOException {
    replace("retry: { attempts: 2 }");
    replace("retry: { attempts: 3 }");
    await().atMost(Duration.ofSeconds(20)).until(() -> !results.isEmpty());
    assertThat(results)
        .singleElement()
        .satisfies(
            result ->
                assertThat(((ConfigResult.Ok) result).config().retry().attempts()).isEqualTo(3));
  }

  private void replace(String content) throws IOException {
    Path other = folder.resolve("new");
    Files.writeString(other, content);
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
