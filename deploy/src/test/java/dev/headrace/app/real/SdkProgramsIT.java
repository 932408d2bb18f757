package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** The official JavaScript and Python libraries work unchanged, with nothing but a base URL. */
@NeedsParts(RealPart.LLAMA_SERVER)
@ExtendWith(SdkFleet.Provider.class)
class SdkProgramsIT {

  @TestFactory
  @NeedsParts(RealPart.JAVASCRIPT)
  Stream<DynamicTest> openaiForJavaScript(SdkFleet fleet) {
    return tests(SdkProgram.javaScript("openai.mjs").run(fleet), 24);
  }

  @TestFactory
  @NeedsParts(RealPart.JAVASCRIPT)
  Stream<DynamicTest> anthropicForJavaScript(SdkFleet fleet) {
    return tests(SdkProgram.javaScript("anthropic.mjs").run(fleet), 10);
  }

  @TestFactory
  @NeedsParts(RealPart.JAVASCRIPT)
  Stream<DynamicTest> aiForJavaScript(SdkFleet fleet) {
    return tests(SdkProgram.javaScript("ai.mjs").run(fleet), 7);
  }

  @TestFactory
  @NeedsParts(RealPart.PYTHON)
  Stream<DynamicTest> openaiForPython(SdkFleet fleet) {
    return tests(SdkProgram.python("openai_sdk.py").run(fleet), 24);
  }

  private static Stream<DynamicTest> tests(List<SdkProgram.Check> checks, int expected) {
    assertThat(checks).as("no check got lost").hasSize(expected);
    return checks.stream()
        .map(
            check ->
                DynamicTest.dynamicTest(
                    check.name(), () -> assertThat(check.ok()).as(check.detail()).isTrue()));
  }
}
