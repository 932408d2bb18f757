package dev.headrace.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.agent.Announcement.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** An announcement fits into Consul's meta, and is read back as it was. */
class ConsulMetaTest {
  @Test
  void onlyWhatIsNotUsualIsWritten() {
    ConsulMeta.Written plain = ConsulMeta.of(announcement("http://h:1", 1, null, List.of("m")));
    assertThat(plain.meta()).isEqualTo(Map.of("engine", "vllm", "models", "m"));
    ConsulMeta.Written full = ConsulMeta.of(announcement("https://h:1/p", 2, 8, List.of("m", "n")));
    assertThat(full.meta())
        .isEqualTo(
            Map.of(
                "engine", "vllm",
                "models", "m,n",
                "scheme", "https",
                "path", "/p",
                "weight", "2.0",
                "max-concurrency", "8"));
  }

  @Property
  void modelNamesAreContinuedInFurtherKeysEachNameWhole(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 1, max = 300) Integer> lengths) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < lengths.size(); i++) {
      names.add((i + "ü" + "x".repeat(lengths.get(i))));
    }
    Map<String, String> meta = ConsulMeta.of(announcement("http://h:1", 1, null, names)).meta();
    List<String> read = new ArrayList<>();
    String value = meta.get("models");
    for (int next = 2; value != null; next++) {
      assertThat(value.getBytes(StandardCharsets.UTF_8).length).isBetween(1, 512);
      read.addAll(List.of(value.split(",")));
      value = meta.get("models-" + next);
    }
    assertThat(read).isEqualTo(names);
    assertThat(meta).hasSizeLessThanOrEqualTo(64);
  }

  @Test
  void aNameThatCannotBeWrittenIsLeftOutAndNamed() {
    ConsulMeta.Written written =
        ConsulMeta.of(announcement("http://h:1", 1, null, List.of("a,b", "x".repeat(513), "ok")));
    assertThat(written.leftOut()).containsExactly("a,b", "x".repeat(513));
    assertThat(written.meta()).containsEntry("models", "ok");
  }

  private static Announcement announcement(
      String url, double weight, Integer limit, List<String> models) {
    return new Announcement(
        "w",
        WorkerAddress.parse(url),
        "vllm",
        null,
        models.stream().map(ServedModel::of).toList(),
        limit,
        weight,
        Map.of(),
        Status.PASSING,
        "");
  }
}
