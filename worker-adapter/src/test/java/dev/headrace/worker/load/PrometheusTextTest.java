package dev.headrace.worker.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The wanted series are found in any text, and nothing else is. */
class PrometheusTextTest {

  private static final List<String> WANTED = List.of("a:up", "a:up_total", "b");

  private record Series(int index, String labels, double value) {}

  @Test
  void names_labels_and_values_are_read_in_every_spelling() {
    assertThat(
            read(
                """
                # HELP a:up {brace} "quote"
                # TYPE a:up gauge
                a:up 1
                a:up{} 2
                a:up{x="1",y="}"} 3.5 1760000000000
                a:up\t4e2
                a:up_total{x="say \\"hi\\" \\\\"} 5
                b 6\r
                b{x="y"}7
                """))
        .containsExactly(
            new Series(0, "", 1),
            new Series(0, "", 2),
            new Series(0, "x=\"1\",y=\"}\"", 3.5),
            new Series(0, "", 400),
            new Series(1, "x=\"say \\\"hi\\\" \\\\\"", 5),
            new Series(2, "", 6),
            new Series(2, "x=\"y\"", 7));
  }

  @Test
  void what_is_no_series_or_no_count_is_passed_over() {
    assertThat(
            read(
                """
                a:upper 1
                a:up_bucket{le="1"} 1
                 a:up 1
                a:up
                a:up{x="1" 1
                a:up{x="1} 1
                a:up NaN
                a:up +Inf
                a:up -1
                a:up one
                a:up{x="1"}
                """))
        .isEmpty();
  }

  @Test
  void the_last_line_needs_no_end() {
    assertThat(read("b 1\na:up 2")).hasSize(2);
  }

  @Test
  void labels_are_told_apart() {
    String labels = "dp_rank_x=\"9\",dp_rank=\"3\", name=\"a,dp_rank=\\\"7\\\"\",empty=\"\"";

    assertThat(PrometheusText.label(labels, "dp_rank")).isEqualTo("3");
    assertThat(PrometheusText.label(labels, "name")).isEqualTo("a,dp_rank=\\\"7\\\"");
    assertThat(PrometheusText.label(labels, "empty")).isEmpty();
    assertThat(PrometheusText.label(labels, "absent")).isEmpty();
    assertThat(PrometheusText.label("broken=3", "broken")).isEmpty();
    assertThat(PrometheusText.label("open=\"3", "open")).isEmpty();
  }

  @Test
  void it_reads_what_a_regular_expression_reads() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> pieces =
        List.of(
            "a:up",
            "a:up_total",
            "b",
            "c",
            "{",
            "}",
            "x=\"",
            "\"",
            ",",
            "\\",
            " ",
            "\t",
            "1",
            "2.5",
            "e3",
            "NaN",
            "#",
            "\n",
            "\n",
            "\r\n",
            "-",
            "{x=\"y\"} 7\n",
            " 8\n");
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(24); i > 0; i--) {
        text.append(pieces.get(random.nextInt(pieces.size())));
      }
      assertThat(read(text.toString()))
          .as("seed %d, round %d: %s", seed, round, text)
          .isEqualTo(readPlainly(text.toString()));
    }
  }

  private static final Pattern LINE =
      Pattern.compile(
          "(a:up|a:up_total|b)(?:\\{((?:[^\"}]|\"(?:[^\"\\\\]|\\\\.)*\")*+)}|(?=[ \\t]))"
              + "[ \\t\\r]*([^ \\t\\r]+)(?:[ \\t\\r].*)?",
          Pattern.DOTALL);

  private static List<Series> readPlainly(String text) {
    List<Series> series = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        try {
          double value = Double.parseDouble(matcher.group(3));
          if (Double.isFinite(value) && value >= 0) {
            String labels = matcher.group(2);
            series.add(
                new Series(WANTED.indexOf(matcher.group(1)), labels == null ? "" : labels, value));
          }
        } catch (NumberFormatException e) {
          // no series
        }
      }
    }
    return series;
  }

  private static List<Series> read(String text) {
    List<Series> series = new ArrayList<>();
    PrometheusText.read(
        text, WANTED, (index, labels, value) -> series.add(new Series(index, labels, value)));
    return series;
  }
}
