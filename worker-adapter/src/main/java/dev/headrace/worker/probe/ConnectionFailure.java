package dev.headrace.worker.probe;

import dev.headrace.worker.probe.ProbeException.Fault;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.http.HttpClosedException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in words of an operator why a connection failed. */
final class ConnectionFailure {

  private ConnectionFailure() {}

  static ProbeException timedOut(Duration timeout) {
    return new ProbeException(Fault.TIMED_OUT, "no answer within " + timeout.toMillis() + " ms");
  }

  static ProbeException of(Throwable failure, Duration timeout) {
    if (failure instanceof ProbeException known) {
      return known;
    }
    if (LocalFault.is(failure)) {
      return new ProbeException(Fault.LOCAL, "could not be asked: " + deepest(failure));
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      ProbeException said = known(cause, timeout);
      if (said != null) {
        return said;
      }
    }
    String message = failure.getMessage();
    return new ProbeException(
        Fault.UNREACHABLE, "cannot be asked: " + (message == null ? failure.toString() : message));
  }

  /** The cause that names the fault; those above it only say that there is one. */
  private static Throwable deepest(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static @Nullable ProbeException known(Throwable cause, Duration timeout) {
    String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    if (cause instanceof SSLException) {
      return new ProbeException(
          Fault.UNREACHABLE, "the TLS handshake failed: " + deepest(cause).getMessage());
    }
    if (cause instanceof UnknownHostException) {
      return new ProbeException(Fault.UNREACHABLE, "its host name cannot be resolved");
    }
    if (cause instanceof TimeoutException
        || (cause instanceof ConnectException && message.contains("timed out"))) {
      return timedOut(timeout);
    }
    if (cause instanceof ConnectException) {
      return new ProbeException(
          Fault.UNREACHABLE,
          message.contains("refused") ? "connection refused" : "cannot connect: " + message);
    }
    if (cause instanceof HttpClosedException) {
      return new ProbeException(Fault.UNREACHABLE, "closed the connection instead of an answer");
    }
    if (cause instanceof IllegalStateException && message.contains("closed")) {
      return new ProbeException(Fault.UNREACHABLE, "was not asked: the probe is closed");
    }
    if (cause instanceof DecoderException || cause instanceof IllegalArgumentException) {
      return new ProbeException(Fault.UNREADABLE, "does not speak HTTP");
    }
    return null;
  }
}
