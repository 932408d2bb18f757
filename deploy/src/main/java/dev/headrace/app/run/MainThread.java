package dev.headrace.app.run;

import dev.headrace.app.CommandFailure;
import dev.headrace.app.ExitCode;
import dev.headrace.worker.AllowForbidden;
import io.vertx.core.Future;
import java.util.concurrent.ExecutionException;

/** Waits on the thread of the command, which is no event loop. */
public final class MainThread {
  private MainThread() {}

  /**
   * The future's result.
   *
   * @throws CommandFailure as the future failed with it
   * @throws FutureFailed when it failed with anything else
   */
  @AllowForbidden("the command's own thread has nothing else to do than to wait")
  public static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof CommandFailure failure) {
        throw failure;
      }
      throw new FutureFailed(cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILED, "interrupted");
    }
  }

  /** What a future failed with, as the cause. */
  public static final class FutureFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FutureFailed(Throwable cause) {
      super(cause);
    }

    /** The cause in one line. */
    public String reason() {
      Throwable cause = getCause();
      if (cause == null) {
        return "unknown";
      }
      String message = cause.getMessage();
      return message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
    }
  }
}
