package dev.headrace.router.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One exchange is one line. */
class AccessLogTest {
  @TempDir Path folder;

  @Test
  void eachExchangeIsOneLineOfJson() throws Exception {
    Path file = folder.resolve("access.log");
    try (JsonLinesAccessLog log =
        JsonLinesAccessLog.open(file, InstantSource.fixed(Instant.ofEpochMilli(1234)))) {
      for (int i = 0; i < 100; i++) {
        log.write(
            new AccessRecord(
                "id\n" + i,
                "chat",
                "m",
                "w",
                null,
                200,
                "completed",
                null,
                true,
                1,
                0,
                1.5,
                2,
                3,
                4,
                5,
                6));
      }
      assertThat(log.dropped()).isZero();
    }
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(100);
    JsonObject first = new JsonObject(lines.get(0));
    assertThat(first.getLong("time_ms")).isEqualTo(1234);
    assertThat(first.getString("outcome")).isEqualTo("completed");
    assertThat(first.getLong("completion_tokens")).isEqualTo(4);
  }
}
