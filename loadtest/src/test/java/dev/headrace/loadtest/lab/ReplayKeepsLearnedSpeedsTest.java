package dev.headrace.loadtest.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a replay foretells of a worker that is alone is what the router had learned of it. */
final class ReplayKeepsLearnedSpeedsTest {
  @TempDir private Path dir;

  /** A request every ten seconds: prompts of 1,000 tokens, 0.1 s and 0.2 ms per token. */
  private List<String> lines(String reason) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      lines.add(
          String.format(
              Locale.ROOT,
              "{\"seq\":%d,\"at\":\"%s\",\"model\":\"m\",\"policy\":\"least-load\",\"demand\":"
                  + "{\"prompt_tokens\":1000,\"output_tokens\":10},\"chosen\":\"w\",\"workers\":["
                  + "{\"key\":\"w\",\"reason\":%s,\"parts\":{\"weight\":1},\"in_flight\":0,"
                  + "\"capacity\":null,\"rates\":{\"prefill_fixed_s\":0.1,"
                  + "\"prefill_s_per_token\":0.0002,\"gap_fixed_s\":0.02,"
                  + "\"gap_s_per_request\":0}}],\"more_workers\":0}",
              i,
              Instant.ofEpochSecond(1_000_000 + 10L * i),
              reason));
    }
    return lines;
  }

  @ParameterizedTest
  @ValueSource(ints = {256, 512, 2048})
  void howeverTheEngineCutsItsPrompts(int chunk) throws Exception {
    Path file = Files.write(dir.resolve("d.ndjson"), lines("null"));
    assertThat(ReplayReport.of(file, List.of("least-load"), chunk, 1).table())
        .contains("| least-load | 100 % | 300 | 300 | w 100 % |");
  }

  @Test
  void retriesAreLeftOut() throws Exception {
    List<String> lines = lines("null");
    lines.set(4, lines("\"tried already\"").get(4));
    Path file = Files.write(dir.resolve("d.ndjson"), lines);
    assertThat(String.join("\n", ReplayReport.of(file, List.of("random"), 512, 1).table()))
        .contains("19 requests in 190.0 s", "left out: 1 retries, 0 without a worker");
  }
}
