package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** A missing part skips what needs it, with the reason, unless parts are required. */
class NeedsPartsTest {

  @Test
  void aMissingPartSkipsWithTheReason() {
    var judged = NeedsParts.Condition.judge("node is not there", false);

    assertThat(judged.isDisabled()).isTrue();
    assertThat(judged.getReason()).contains("node is not there");
  }

  @Test
  void whereNothingMayBeSkippedItFails() {
    assertThatThrownBy(() -> NeedsParts.Condition.judge("node is not there", true))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("node is not there", "HEADRACE_REQUIRE_PARTS");
  }

  @Test
  void whereNothingIsMissingItRuns() {
    assertThat(NeedsParts.Condition.judge("", true).isDisabled()).isFalse();
  }
}
