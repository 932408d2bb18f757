package dev.headrace.router.wire;

import java.net.BindException;
import java.util.Locale;

/**
 * Tells failures of this process from those of the other side: without a free descriptor, port or
 * buffer no connection can be made to anybody. Pure.
 */
final class LocalFault {
  private static final String[] TOLD = {
    "too many open files", // EMFILE, ENFILE
    "cannot assign requested address", // EADDRNOTAVAIL: no ephemeral port
    "address already in use", // EADDRINUSE of the own end
    "no buffer space available", // ENOBUFS
    "cannot allocate memory", // ENOMEM
    "resource temporarily unavailable" // EAGAIN of connect: no ephemeral port
  };

  private LocalFault() {}

  static boolean is(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException) {
        return true;
      }
      String message = cause.getMessage();
      if (message != null) {
        String lower = message.toLowerCase(Locale.ROOT);
        for (String told : TOLD) {
          if (lower.contains(told)) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
