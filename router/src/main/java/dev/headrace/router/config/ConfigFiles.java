package dev.headrace.router.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Files that the configuration names: relative to it, and there. */
final class ConfigFiles {
  private final Reading reading;
  private final Node.Mapping root;

  ConfigFiles(Reading reading, Node.Mapping root) {
    this.reading = reading;
    this.root = root;
  }

  /**
   * The file of API keys, absolute or relative to the working directory; null when none is named.
   */
  @Nullable Path keysFile() {
    String text = reading.value("auth.keys-file", String.class);
    if (text == null) {
      return null;
    }
    try {
      Path path = reading.folder().resolve(text);
      if (Files.isReadable(path) && !Files.isDirectory(path)) {
        return path;
      }
    } catch (InvalidPathException e) {
      // The same mistake to the one who wrote it.
    }
    Node node = root.get("auth") instanceof Node.Mapping auth ? auth.get("keys-file") : null;
    reading.problem(
        "auth.keys-file",
        node == null ? Origin.DEFAULT : node.origin(),
        ConfigPath.printable(node instanceof Node.Text written ? written.written() : text),
        "is no file that can be read; relative paths start at " + reading.folder().toAbsolutePath(),
        null);
    return null;
  }
}
