package dev.headrace.worker.probe;

import java.net.BindException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells the failures of this process and its machine from those of a worker: no file descriptor, no
 * local port or no memory is left. Such a failure says nothing of the worker, and must never be
 * held against it. Pure.
 */
public final class LocalFault {
  /** As the system and Netty word it, in lower case; other texts may stand around them. */
  private static final List<String> WORDS =
      List.of(
          "too many open files", // EMFILE and ENFILE
          "cannot assign requested address", // EADDRNOTAVAIL: no local port is left
          "can't assign requested address", // the same on macOS
          "address already in use", // EADDRINUSE: the local one, as nobody listens here
          "no buffer space available", // ENOBUFS
          "cannot allocate memory", // ENOMEM
          "failed to open a socket"); // Netty's NIO transport, whatever the cause

  private LocalFault() {}

  /** True when the failure, or any of its causes, is the asker's own. */
  public static boolean is(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException
          || cause instanceof VirtualMachineError
          || cause instanceof LinkageError // a class that could not be read
          || (cause instanceof ProbeException told && told.fault() == ProbeException.Fault.LOCAL)
          || is(cause.getMessage())) {
        return true;
      }
    }
    return false;
  }

  /**
   * True when the message of an exception of the network tells of it. What a worker has written
   * must not be asked: it may have no descriptor left either.
   */
  public static boolean is(@Nullable String message) {
    if (message == null) {
      return false;
    }
    String text = message.toLowerCase(Locale.ROOT);
    return WORDS.stream().anyMatch(text::contains);
  }
}
