package dev.headrace.app.real;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A program that uses a client library of another language and tells one line of JSON per check.
 */
final class SdkProgram {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** How one check went. */
  record Check(String name, boolean ok, String detail) {}

  private final String name;
  private final List<String> command;

  private SdkProgram(String name, List<String> command) {
    this.name = name;
    this.command = command;
  }

  /** A program in {@code src/test/js}. */
  static SdkProgram javaScript(String file) {
    Path node = RealPart.JAVASCRIPT.program();
    Path sources = Path.of("src", "test", "js");
    Path libraries = RealPart.JAVASCRIPT.libraries().resolve("node_modules");
    // Modules are looked up beside the program that imports them: so it runs from a copy.
    Path folder = ChildProcess.folder().resolve("js");
    try (Stream<Path> programs = Files.list(sources)) {
      Files.createDirectories(folder);
      for (Path program : programs.toList()) {
        Files.copy(
            program,
            folder.resolve(program.getFileName().toString()),
            StandardCopyOption.REPLACE_EXISTING);
      }
      Path link = folder.resolve("node_modules");
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, libraries);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new SdkProgram("js-" + file, List.of(node.toString(), folder.resolve(file).toString()));
  }

  /** A program in {@code src/test/py}. */
  static SdkProgram python(String file) {
    Path sources = Path.of("src", "test", "py").toAbsolutePath();
    Path python = RealPart.PYTHON.libraries().resolve("venv/bin/python");
    return new SdkProgram(
        "py-" + file, List.of(python.toString(), sources.resolve(file).toString()));
  }

  /** Runs it to its end and returns what it told. */
  List<Check> run(SdkFleet fleet) {
    Map<String, String> environment =
        Map.of("HEADRACE_URL", fleet.url(), "HEADRACE_KEY", SdkFleet.KEY);
    try (ChildProcess program = ChildProcess.start(name, command, environment)) {
      int code = program.await(LIMIT);
      List<Check> checks = new ArrayList<>();
      for (String line : program.output().lines().toList()) {
        if (line.startsWith("{\"check\"")) {
          JsonNode told = JSON.readTree(line);
          checks.add(
              new Check(
                  told.path("check").asText(),
                  told.path("ok").asBoolean(),
                  told.path("detail").asText()));
        }
      }
      if (code != 0 || checks.isEmpty()) {
        throw new AssertionError(name + " ended with code " + code + ":\n" + program.output());
      }
      return checks;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
