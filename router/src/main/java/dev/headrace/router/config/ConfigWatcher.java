package dev.headrace.router.config;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells when the configuration file has other content, by asking at an interval: that also notices
 * files that are replaced, linked or mounted, which change notices of the system often miss.
 *
 * <p>Files are read on worker threads. {@link #start} and {@link #stop} are called on one context,
 * and the callback comes on that context. Content that cannot be read for a moment (a file in the
 * midst of being replaced) is reported like any other bad configuration, once.
 */
public final class ConfigWatcher {
  private final Vertx vertx;
  private final Path file;
  private final Duration interval;
  private final Supplier<ConfigResult> load;

  private String seen = "";
  private long timer = -1;
  private boolean stopped;

  /**
   * @param load reads the configuration anew; it runs on a worker thread
   */
  public ConfigWatcher(Vertx vertx, Path file, Duration interval, Supplier<ConfigResult> load) {
    this.vertx = vertx;
    this.file = file;
    this.interval = interval;
    this.load = load;
  }

  /** What one look at the file gave; no result when nothing had changed. */
  private record Look(String digest, @Nullable ConfigResult result) {}

  /**
   * Starts to watch; what the file holds now counts as known.
   *
   * @param onChange gets what the changed file came to, good or bad
   * @return succeeds when the watch has begun
   */
  public Future<Void> start(Consumer<ConfigResult> onChange) {
    return vertx
        .executeBlocking(() -> digest(file), false)
        .map(
            digest -> {
              seen = digest;
              if (!stopped) {
                arm(onChange);
              }
              return null;
            });
  }

  /** No callback comes after this. */
  public void stop() {
    stopped = true;
    vertx.cancelTimer(timer);
  }

  private void arm(Consumer<ConfigResult> onChange) {
    timer =
        vertx.setTimer(
            interval.toMillis(),
            id -> {
              String before = seen;
              vertx
                  .executeBlocking(() -> look(before), false)
                  .onComplete(
                      look -> {
                        if (stopped) {
                          return;
                        }
                        if (look.succeeded() && look.result().result() != null) {
                          seen = look.result().digest();
                          onChange.accept(look.result().result());
                        }
                        arm(onChange);
                      });
            });
  }

  private Look look(String before) {
    String digest = digest(file);
    return new Look(digest, before.equals(digest) ? null : load.get());
  }

  /** A digest of the content; of nothing when it cannot be read. */
  private static String digest(Path file) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      try {
        sha.update(ByteBuffer.wrap(Files.readAllBytes(file)));
      } catch (IOException e) {
        sha.update((byte) 0);
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
