package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher bounds memory by itself, and steps back where the user's own flags say how. */
class LauncherIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String OWN = "HEADRACE_JAVA_OPTS";

  @Test
  void withoutFlagsTheHeapIsBoundedAndTheCollectorSmall() {
    String flags = flagsOfServe(Map.of());

    assertThat(flags).containsPattern("UseSerialGC += true");
    assertThat(number(flags, "MaxHeapSize")).isBetween(128L << 20, 1L << 30);
    assertThat(number(flags, "MaxDirectMemorySize")).isEqualTo(512L << 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UseG1GC", "UseParallelGC", "UseSerialGC"})
  void aCollectorThatTheUserNamesIsTheOnlyOne(String collector) {
    assertThat(flagsOfServe(Map.of(OWN, "-XX:+" + collector)))
        .containsPattern(collector + " += true");
    assertThat(flagsOfServe(Map.of("JAVA_TOOL_OPTIONS", "-XX:+" + collector)))
        .containsPattern(collector + " += true");
  }

  @Test
  void theRouterComesUpWithAnotherCollector() {
    try (ChildProcess router =
        ChildProcess.start(
            "launcher",
            PackagedProgram.command("serve", "--port", "0", "--admin-port", "0"),
            Map.of(OWN, "-XX:+UseParallelGC -Xlog:gc"))) {
      await().atMost(LIMIT).until(() -> router.output().contains("is ready after"));
      assertThat(router.output()).contains("Using Parallel");
      router.terminate();
      assertThat(router.await(LIMIT)).isZero();
    }
  }

  @Test
  void sizesThatTheUserNamesWin() {
    assertThat(number(flagsOfServe(Map.of(OWN, "-Xmx64m")), "MaxHeapSize")).isEqualTo(64L << 20);
    assertThat(number(flagsOfServe(Map.of(OWN, "-XX:MaxRAMPercentage=70")), "ErgoHeapSizeLimit"))
        .as("a share of the memory has no other bound")
        .isZero();
    String direct = flagsOfServe(Map.of("JAVA_TOOL_OPTIONS", "-XX:MaxDirectMemorySize=77m"));
    assertThat(number(direct, "MaxDirectMemorySize")).isEqualTo(77L << 20);
  }

  @Test
  void flagsAreWordsWithQuotesAndBlanksAsInAShellAndNothingIsExpanded() {
    String flags = " \t-Da.b=\"x  *\"\n -Dc.d='$(id)'  \"\" -Xmx64m \n";

    String told = serveHelp(0, Map.of(OWN, flags + " -XshowSettings:properties"));
    assertThat(told).contains("a.b = x  *").contains("c.d = $(id)");
    assertThat(serveHelp(2, Map.of(OWN, "-Da.b=\"x"))).contains(OWN, "quote");
    assertThat(serveHelp(0, Map.of(OWN, " \t\n"))).contains("Usage: headrace serve");
  }

  private static String flagsOfServe(Map<String, String> environment) {
    String own = environment.getOrDefault(OWN, "") + " -XX:+PrintFlagsFinal";
    Map<String, String> all = new HashMap<>(environment);
    all.put(OWN, own);
    return serveHelp(0, all);
  }

  /** What a {@code serve} that ends at once says, with the flags that it would serve with. */
  private static String serveHelp(int code, Map<String, String> environment) {
    try (ChildProcess program =
        ChildProcess.start("launcher", PackagedProgram.command("serve", "--help"), environment)) {
      assertThat(program.await(LIMIT)).as(program.output()).isEqualTo(code);
      return program.output();
    }
  }

  private static long number(String flags, String name) {
    return flags
        .lines()
        .filter(line -> line.contains(" " + name + " "))
        .map(line -> line.split("=", 2)[1].strip().split(" ", 2)[0])
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow();
  }
}
