package dev.headrace.app.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The program as {@code mvn package} leaves it, with the launcher beside it as on a user's machine:
 * the flags of the JVM are the launcher's.
 */
final class PackagedProgram {
  private static final Path LAUNCHER = install();

  private PackagedProgram() {}

  /** The command line that runs it with these arguments. */
  static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(LAUNCHER.toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /** In a folder of its own, since the launcher keeps its class archive beside the program. */
  private static Path install() {
    Path program = Path.of("target", "headrace").toAbsolutePath();
    if (!Files.exists(program.resolve("headrace.jar"))) {
      throw new AssertionError(program + " has no headrace.jar: it is built by mvn package");
    }
    try {
      Path folder = Files.createDirectories(ChildProcess.folder().resolve("program"));
      try (Stream<Path> earlier = Files.list(folder)) {
        for (Path file : earlier.toList()) {
          Files.delete(file);
        }
      }
      Files.createSymbolicLink(folder.resolve("lib"), program.resolve("lib"));
      Files.copy(program.resolve("headrace.jar"), folder.resolve("headrace.jar"));
      return Files.copy(Path.of("..", "headrace"), folder.resolve("headrace"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
