package dev.headrace.router.fleet;

import static dev.headrace.router.fleet.FleetRig.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headrace.router.fleet.Registration.Beat;
import dev.headrace.router.fleet.Registration.Status;
import dev.headrace.worker.ServedModel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One ttl of silence: down. Ten: removed. Not a moment earlier. */
final class RegistrationBookTest {
  private static final long TTL = Duration.ofSeconds(15).toNanos();

  private long now = 1_000;
  private final RegistrationBook book = new RegistrationBook(Duration.ofNanos(TTL), () -> now);

  private WorkerSpec only() {
    assertThat(book.specs()).hasSize(1);
    return book.specs().get(0);
  }

  @Test
  void silenceForOneTtlIsDownAndForTenIsTheEnd() {
    assertThat(book.register(spec("embedded", "a", 9001, "m"), Beat.PASSING)).isFalse();
    now += TTL;
    assertThat(only().down()).isFalse();
    now += 1;
    assertThat(only().down()).isTrue();
    assertThat(only().meta()).containsEntry(WorkerSpec.REASON, "no heartbeat");
    now += 9 * TTL - 1;
    assertThat(only().down()).isTrue();
    now += 1;
    assertThat(book.specs()).isEmpty();
    assertThat(book.heartbeat("a", Beat.PASSING)).isFalse();
  }

  @Test
  void aHeartbeatCountsFromItsArrival() {
    book.register(spec("embedded", "a", 9001, "m"), Beat.PASSING);
    for (int i = 0; i < 30; i++) {
      now += TTL - 1;
      assertThat(only().down()).isFalse();
      assertThat(book.heartbeat("a", Beat.PASSING)).isTrue();
    }
  }

  @Test
  void statusSaysWhetherItTakesRequests() {
    book.register(spec("embedded", "a", 9001, "m"), new Beat(Status.WARNING, "hot", null));
    assertThat(only().down() || only().drain()).isFalse();
    book.heartbeat("a", new Beat(Status.CRITICAL, "loading", null));
    assertThat(only().down()).isTrue();
    assertThat(only().meta()).containsEntry(WorkerSpec.REASON, "loading");
    book.heartbeat("a", new Beat(Status.DRAINING, null, null));
    assertThat(only().down()).isFalse();
    assertThat(only().drain()).isTrue();
    book.heartbeat("a", Beat.PASSING);
    assertThat(only()).isEqualTo(spec("embedded", "a", 9001, "m"));
  }

  @Test
  void aHeartbeatMayBringOtherModels() {
    book.register(spec("embedded", "a", 9001, "m"), Beat.PASSING);
    book.heartbeat("a", new Beat(Status.PASSING, null, List.of(ServedModel.of("n"))));
    assertThat(only().models()).containsExactly(ServedModel.of("n"));
    book.heartbeat("a", Beat.PASSING);
    assertThat(only().models()).containsExactly(ServedModel.of("n"));
  }

  @Test
  void theBookIsBounded() {
    for (int i = 0; i < RegistrationBook.CAPACITY; i++) {
      book.register(spec("embedded", "w" + i, 1 + i, "m"), Beat.PASSING);
    }
    assertThat(book.register(spec("embedded", "w0", 1, "m"), Beat.PASSING)).isTrue();
    assertThatThrownBy(() -> book.register(spec("embedded", "more", 1, "m"), Beat.PASSING))
        .isInstanceOf(IllegalStateException.class);
  }
}
