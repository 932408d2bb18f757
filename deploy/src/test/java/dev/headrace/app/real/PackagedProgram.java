package dev.headrace.app.real;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The runnable program as {@code mvn package} leaves it. */
final class PackagedProgram {
  private PackagedProgram() {}

  /** The command line that runs it with these arguments. */
  static List<String> command(String... arguments) {
    Path jar = Path.of("target", "headrace", "headrace.jar").toAbsolutePath();
    if (!Files.exists(jar)) {
      throw new AssertionError(jar + " is missing: it is built by mvn package");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx384m", "-jar", jar.toString()));
    command.addAll(List.of(arguments));
    return command;
  }
}
