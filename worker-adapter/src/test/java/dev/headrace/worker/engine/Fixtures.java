package dev.headrace.worker.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What engines say on the wire, as files under {@code fixtures/<engine>/}. Names carry what they
 * mean: {@code errors/429-FULL-overloaded.json}, {@code health/503-LOADING-model.json}, {@code
 * events/FULL-chat.json}, {@code streams/chat-error-FULL.sse}.
 */
final class Fixtures {

  private static final Path ROOT = Path.of("src/test/resources/fixtures");

  private final Path folder;

  Fixtures(String engine) {
    folder = ROOT.resolve(engine);
  }

  String read(String name) {
    return read(folder.resolve(name));
  }

  static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files of one kind, in the order of their names. */
  List<Path> list(String kind) {
    Path sub = folder.resolve(kind);
    if (!Files.isDirectory(sub)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(sub)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every text of every engine. */
  static List<String> everything() {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files.filter(Files::isRegularFile).sorted().map(Fixtures::read).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The parts of a file's name between hyphens, without its suffix. */
  static String[] parts(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.lastIndexOf('.')).split("-");
  }
}
