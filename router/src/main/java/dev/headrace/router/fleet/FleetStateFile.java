package dev.headrace.router.fleet;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The last known fleet on disk, so that a router that starts while its registry is away can serve.
 * Its methods block: call them from a worker thread, one at a time.
 *
 * <p>A reader sees the old content or the new one, never a part: it is written beside, forced to
 * disk and moved into place.
 */
public final class FleetStateFile {
  /** Far above the largest fleet; what is larger was not written by us. */
  private static final long LARGEST = 64L << 20;

  private final Path path;

  public FleetStateFile(Path path) {
    this.path = path.toAbsolutePath();
  }

  public Path path() {
    return path;
  }

  /**
   * Reads the file.
   *
   * @return null when there is none
   * @throws IOException when it cannot be read or is damaged; the message says which
   */
  @Nullable LastKnownFleet read() throws IOException {
    try {
      if (Files.size(path) > LARGEST) {
        throw new IOException("it is larger than any fleet");
      }
      String text = Files.readString(path);
      return LastKnownFleetJson.read(new JsonObject(text));
    } catch (NoSuchFileException e) {
      return null;
    } catch (LastKnownFleetJson.Unreadable e) {
      throw new IOException(e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new IOException("it is damaged", e);
    }
  }

  void write(LastKnownFleet fleet) throws IOException {
    Path folder = path.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Path beside = path.resolveSibling(path.getFileName() + ".new");
    byte[] text = LastKnownFleetJson.write(fleet).encodePrettily().getBytes(StandardCharsets.UTF_8);
    try (FileChannel channel =
        FileChannel.open(
            beside,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer rest = ByteBuffer.wrap(text);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
    Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
