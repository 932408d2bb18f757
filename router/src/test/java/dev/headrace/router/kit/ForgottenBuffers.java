package dev.headrace.router.kit;

import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Hears from Netty's leak detector of buffers that were collected without having been released. The
 * tests run with the detector at its most exact.
 */
public final class ForgottenBuffers implements AutoCloseable {
  private static final Logger DETECTOR = Logger.getLogger("io.netty.util.ResourceLeakDetector");

  private final Queue<String> reports = new ConcurrentLinkedQueue<>();
  private final Handler ear =
      new Handler() {
        @Override
        public void publish(LogRecord told) {
          if (told.getMessage() != null && told.getMessage().contains("LEAK")) {
            reports.add(told.getMessage());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  /** What was forgotten before does not count. */
  public ForgottenBuffers() {
    collect();
    DETECTOR.addHandler(ear);
  }

  /** Reports since the beginning; asks the garbage collector first. */
  public List<String> found() {
    collect();
    return List.copyOf(reports);
  }

  /** The detector looks at what was collected whenever a buffer is allocated. */
  private static void collect() {
    for (int round = 0; round < 10; round++) {
      System.gc();
      for (int i = 0; i < 200; i++) {
        ByteBufAllocator.DEFAULT.directBuffer(16).release();
      }
    }
  }

  @Override
  public void close() {
    DETECTOR.removeHandler(ear);
  }
}
