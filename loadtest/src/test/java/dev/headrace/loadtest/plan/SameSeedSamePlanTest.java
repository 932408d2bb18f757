package dev.headrace.loadtest.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SameSeedSamePlanTest {
  private static final LengthLaw PROMPT = LengthLaw.parse("256+-20%");
  private static final LengthLaw OUTPUT = LengthLaw.exactly(64);

  @Test
  void theSameSeedGivesTheSamePlanAndAnotherSeedAnother() {
    ArrivalPlan plan = new ArrivalPlan(7, 100, PROMPT, OUTPUT);

    assertThat(plan.sha256(1000))
        .isEqualTo(new ArrivalPlan(7, 100, PROMPT, OUTPUT).sha256(1000))
        .isNotEqualTo(new ArrivalPlan(8, 100, PROMPT, OUTPUT).sha256(1000))
        .isNotEqualTo(plan.sha256(999))
        .isNotEqualTo(plan.forWarmup().sha256(1000));
  }

  @Test
  void changingOneLawLeavesTheOthersAsTheyWere() {
    List<Arrival> before = take(new ArrivalPlan(7, 100, PROMPT, OUTPUT), 200);
    List<Arrival> after = take(new ArrivalPlan(7, 100, PROMPT, LengthLaw.parse("9±50%")), 200);

    assertThat(after)
        .extracting(Arrival::atNanos)
        .containsExactlyElementsOf(before.stream().map(Arrival::atNanos).toList());
    assertThat(after)
        .extracting(Arrival::promptTokens)
        .containsExactlyElementsOf(before.stream().map(Arrival::promptTokens).toList());
  }

  @Test
  void gapsAreExponentialWithTheMeanOfTheRate() {
    List<Arrival> arrivals = take(new ArrivalPlan(3, 50, PROMPT, OUTPUT), 20_000);
    double[] gaps =
        IntStream.range(1, arrivals.size())
            .mapToDouble(i -> (arrivals.get(i).atNanos() - arrivals.get(i - 1).atNanos()) / 1e9)
            .sorted()
            .toArray();

    assertThat(java.util.Arrays.stream(gaps).average().orElseThrow()).isCloseTo(0.02, within(5e-4));
    // Kolmogorov-Smirnov distance; 1.63/sqrt(n) is its 1 % bound.
    double distance =
        IntStream.range(0, gaps.length)
            .mapToDouble(i -> Math.abs((1 - Math.exp(-gaps[i] * 50)) - (i + 0.5) / gaps.length))
            .max()
            .orElseThrow();
    assertThat(distance).isLessThan(1.63 / Math.sqrt(gaps.length));
  }

  @Test
  void theSharesOfSeveralLoopsAreThePlanOnce() {
    ArrivalPlan plan = new ArrivalPlan(5, 1000, PROMPT, OUTPUT);
    List<Arrival> together = new ArrayList<>();
    for (int loop = 0; loop < 3; loop++) {
      PlanShare share = new PlanShare(plan, loop, 3, 500_000_000L, 300);
      for (Arrival arrival = share.take(); arrival != null; arrival = share.take()) {
        together.add(arrival);
      }
    }
    together.sort(Comparator.comparingLong(Arrival::index));
    List<Arrival> expected =
        take(plan, 300).stream().filter(arrival -> arrival.atNanos() < 500_000_000L).toList();

    assertThat(together).isEqualTo(expected);
  }

  @Test
  void lengthsStayWithinTheirSpread() {
    assertThat(take(new ArrivalPlan(1, 0, PROMPT, OUTPUT), 5000))
        .allSatisfy(arrival -> assertThat(arrival.promptTokens()).isBetween(205, 307))
        .allSatisfy(arrival -> assertThat(arrival.maxTokens()).isEqualTo(64))
        .allSatisfy(arrival -> assertThat(arrival.atNanos()).isZero());
    assertThat(LengthLaw.parse(PROMPT.toString())).isEqualTo(PROMPT);
    assertThatThrownBy(() -> LengthLaw.parse("many")).hasMessageContaining("256+-20%");
    assertThatThrownBy(() -> LengthLaw.parse("0")).hasMessageContaining("at least 1");
    assertThatThrownBy(() -> LengthLaw.parse("9+-300%")).hasMessageContaining("100 %");
  }

  @Test
  void bodiesAreRepeatableAndAsLongAsAsked() {
    RequestBody body = new RequestBody(BenchEndpoint.CHAT, "a\"b", true, true);
    Arrival arrival = new Arrival(0, 0, 256, 64, 99);
    String json = new String(body.of(arrival), java.nio.charset.StandardCharsets.UTF_8);

    assertThat(json)
        .isEqualTo(new String(body.of(arrival), java.nio.charset.StandardCharsets.UTF_8))
        .contains("\"model\":\"a\\\"b\"", "\"max_tokens\":64", "\"ignore_eos\":true")
        .contains("\"stream\":true", "\"include_usage\":true");
    assertThat(PromptText.of(arrival).split(" ")).hasSize(256);
    assertThat(PromptText.of(arrival)).isNotEqualTo(PromptText.of(new Arrival(0, 0, 256, 64, 100)));
  }

  private static List<Arrival> take(ArrivalPlan plan, int count) {
    Iterator<Arrival> arrivals = plan.arrivals();
    List<Arrival> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(arrivals.next());
    }
    return taken;
  }
}
