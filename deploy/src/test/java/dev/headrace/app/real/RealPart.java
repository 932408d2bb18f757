package dev.headrace.app.real;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * A program that is not ours. It is taken from {@code PATH}, else from the folder that {@code
 * deploy/parts/get-parts} fills. When it is missing the test is skipped with the reason, or fails
 * when {@code HEADRACE_REQUIRE_PARTS=1} says that nothing may be skipped.
 */
enum RealPart {
  CONSUL("consul", "run deploy/parts/get-parts"),
  LLAMA_SERVER("llama-server", "run deploy/parts/get-parts"),
  NODE("node", "install Node.js 18 or newer"),
  PYTHON("python3", "install Python 3.9 or newer");

  private final String program;
  private final String remedy;

  RealPart(String program, String remedy) {
    this.program = program;
    this.remedy = remedy;
  }

  /** The program's file; ends the test when there is none. */
  Path path() {
    return find()
        .orElseThrow(
            () -> missing(program + " is neither on PATH nor in " + bin() + ": " + remedy));
  }

  /** Where fetched programs and client libraries are kept. */
  static Path folder() {
    String configured = System.getenv("HEADRACE_PARTS");
    if (configured != null && !configured.isBlank()) {
      return Path.of(configured);
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base =
        cache != null && !cache.isBlank()
            ? Path.of(cache)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("headrace").resolve("parts");
  }

  /** Skips the test for this reason, or fails it where parts are required. Never returns. */
  static RuntimeException missing(String reason) {
    if ("1".equals(System.getenv("HEADRACE_REQUIRE_PARTS"))) {
      throw new AssertionError(reason + " (HEADRACE_REQUIRE_PARTS=1 forbids skipping)");
    }
    return Assumptions.abort(reason);
  }

  private static Path bin() {
    return folder().resolve("bin");
  }

  private Optional<Path> find() {
    for (String entry : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      Path candidate = Path.of(entry, program);
      if (!entry.isEmpty() && Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    Path fetched = bin().resolve(program);
    return Files.isExecutable(fetched) ? Optional.of(fetched) : Optional.empty();
  }
}
