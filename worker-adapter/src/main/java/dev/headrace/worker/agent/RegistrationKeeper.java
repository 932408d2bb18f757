package dev.headrace.worker.agent;

import dev.headrace.worker.agent.RegistrationException.Kind;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what the target knows equal to what is announced: registers, sends heartbeats, registers
 * again when the target has forgotten or the description changed, and tries on while the target is
 * away. Confined to its context; one operation at a time.
 *
 * <p>States: nothing announced → registering → registered (a heartbeat each third of the ttl, and
 * at once when the status changes) → removed. Each failure in a row is followed by a longer,
 * jittered pause; the first one is said, and the recovery.
 */
final class RegistrationKeeper {
  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  private final Context context;
  private final Registration registration;
  private final Consumer<String> say;
  private final Backoff backoff;
  private @Nullable Announcement wanted;
  private @Nullable Announcement told;
  private @Nullable String trouble;
  private boolean ever;
  private boolean busy;
  private boolean removed;
  private long timer = -1;
  private @Nullable Promise<Void> removal;

  RegistrationKeeper(
      Context context, Registration registration, Consumer<String> say, RandomGenerator random) {
    this.context = context;
    this.registration = registration;
    this.say = say;
    this.backoff = new Backoff(FIRST_RETRY, LAST_RETRY, random);
  }

  /** From now on this is what the target shall know. */
  void announce(Announcement announcement) {
    if (removed || announcement.equals(wanted)) {
      return;
    }
    wanted = announcement;
    if (!busy) {
      step();
    }
  }

  /** True when the target has known the worker at some time, as far as we can tell. */
  boolean everRegistered() {
    return ever;
  }

  /** Takes the worker off the list, once; ends when that succeeded or failed. */
  Future<Void> remove() {
    if (removal != null) {
      return removal.future();
    }
    Promise<Void> promise = Promise.promise();
    removal = promise;
    removed = true;
    cancel();
    if (!busy) {
      takeOff(promise);
    }
    return promise.future();
  }

  private void step() {
    cancel();
    Announcement next = wanted;
    if (next == null) {
      return;
    }
    Announcement before = told;
    boolean fresh = before == null || !before.describesTheSameAs(next);
    busy = true;
    Future<Void> done = fresh ? registration.register(next) : registration.renew(next);
    done.onComplete(
        result ->
            context.runOnContext(
                v -> {
                  busy = false;
                  if (result.succeeded()) {
                    succeeded(next, fresh, before != null);
                  } else {
                    failed(result.cause());
                  }
                }));
  }

  private void succeeded(Announcement next, boolean registered, boolean known) {
    told = next;
    backoff.reset();
    if (registered && !known) {
      say.accept(
          "registered"
              + (ever ? " again" : "")
              + " as "
              + next.id()
              + " ("
              + next.address().url()
              + ") with "
              + registration.place());
    } else if (trouble != null) {
      say.accept(registration.target() + " answers again");
    }
    ever = true;
    trouble = null;
    if (removal != null) {
      takeOff(removal);
    } else if (!next.equals(wanted)) {
      step();
    } else {
      after(Math.max(1, registration.ttl().toMillis() / 3));
    }
  }

  private void failed(Throwable cause) {
    boolean lost = cause instanceof RegistrationException answer && answer.kind() == Kind.LOST;
    boolean forgotten = lost && told != null;
    if (lost) {
      told = null;
    }
    if (removal != null) {
      takeOff(removal);
    } else if (forgotten) {
      say.accept(registration.target() + " has lost the registration; registering again");
      step();
    } else {
      complain(cause);
      after(backoff.next());
    }
  }

  private void complain(Throwable cause) {
    String kind = cause instanceof RegistrationException ? " refuses" : " does not answer";
    if (!kind.equals(trouble)) {
      trouble = kind;
      say.accept(registration.target() + kind + " (" + message(cause) + "); trying on");
    }
  }

  private void takeOff(Promise<Void> promise) {
    Announcement last = wanted;
    if (last == null || !ever) {
      promise.tryComplete();
      return;
    }
    busy = true;
    registration
        .remove(last.id())
        .onComplete(result -> context.runOnContext(v -> end(promise, result.cause())));
  }

  private void end(Promise<Void> promise, @Nullable Throwable failure) {
    busy = false;
    told = null;
    if (failure == null) {
      promise.tryComplete();
    } else {
      promise.tryFail(failure);
    }
  }

  private void after(long millis) {
    timer =
        context
            .owner()
            .setTimer(
                millis,
                id -> {
                  timer = -1;
                  step();
                });
  }

  private void cancel() {
    if (timer >= 0) {
      context.owner().cancelTimer(timer);
      timer = -1;
    }
  }

  private static String message(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
