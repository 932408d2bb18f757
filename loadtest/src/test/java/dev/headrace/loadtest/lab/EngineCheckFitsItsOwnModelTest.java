package dev.headrace.loadtest.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** From what an engine that obeys the model would show, its parameters are found again. */
final class EngineCheckFitsItsOwnModelTest {
  private final EngineCheck check =
      EngineCheck.fit(
          Map.of(100, 0.02, 500, 0.06, 1000, 0.12), Map.of(1, 0.011, 2, 0.012, 4, 0.014), 500, 4);

  @Test
  void theParametersAreFoundAgain() {
    assertThat(check.gap(3)).isCloseTo(0.013, within(1e-9));
    assertThat(check.prefill(500)).isCloseTo(0.06, within(1e-9));
    assertThat(check.prefill(1000)).isCloseTo(0.12, within(1e-9));
    assertThat(check.gapBeside(1000)).isCloseTo(0.011 + 0.05, within(1e-9));
    assertThat(check.parameters()).contains("10.000 ms + 1.000 ms · n + 0.1000 ms · c", "4 slots");
  }

  @Test
  void mixedWorkWaitsForItsTurn() {
    List<EngineCheck.Answered> answers =
        check.predict(
            List.of(new EngineCheck.Asked(1, 500, 1), new EngineCheck.Asked(0.99, 500, 1)));
    assertThat(answers.get(1).firstToken()).isCloseTo(1.05, within(1e-9));
    assertThat(answers.get(0).firstToken()).isCloseTo(1.11, within(1e-9));
    assertThat(answers.get(0).end()).isEqualTo(answers.get(0).firstToken());
  }
}
