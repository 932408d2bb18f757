package dev.headrace.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A fleet of slots in simulated time, offered three times what it can do: the wait that a refusal
 * tells is compared with how long it really took until all that waited then, and one more, had a
 * place.
 */
class RetryAfterIsTrueTest {
  private static final int SLOTS = 20;
  private static final int MOST = 100;

  private final PriorityQueue<Long> endings = new PriorityQueue<>();
  private final List<Long> places = new ArrayList<>();
  private final WaitingLine<Integer> line =
      new WaitingLine<>(new WaitingLine.Bounds(MOST, TimeUnit.HOURS.toNanos(1), Order.FCFS));

  private record Told(long at, int placesBefore, long millis) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aRefusalUnderOverloadIsRightWithinAQuarterInTheMedian(long seed) {
    Random random = new Random(seed);
    List<Told> told = new ArrayList<>();
    long now = 0;
    for (int i = 0; i < 4000; i++) {
      now += (long) (-Math.log(1 - random.nextDouble()) * 1e9 / 30);
      run(now, random);
      long moment = now;
      if (endings.size() < SLOTS && line.size() == 0) {
        endings.add(now + service(random));
      } else {
        Ticket.Terms terms =
            new Ticket.Terms(Priority.MEDIUM, "", 1, 100, now, Long.MAX_VALUE / 2, 0);
        line.enter(
            new Ticket<>(i, terms),
            now,
            (who, why) -> told.add(new Told(moment, places.size(), line.retryAfterMillis(moment))));
      }
    }
    run(now + TimeUnit.HOURS.toNanos(1), random);
    assertThat(told).hasSizeGreaterThan(1000);
    List<Double> errors = new ArrayList<>();
    for (Told one : told) {
      int until = one.placesBefore() + MOST;
      if (until < places.size()) {
        double truth = (places.get(until) - one.at()) / 1e6;
        errors.add(Math.abs(one.millis() - truth) / truth);
      }
    }
    errors.sort(null);
    double median = errors.get(errors.size() / 2);
    System.out.println("seed " + seed + ": median error of Retry-After " + median);
    assertThat(errors).hasSizeGreaterThan(1000);
    assertThat(median).isLessThan(0.25);
  }

  /** Log-normal service around two seconds: ten places per second in all. */
  private static long service(Random random) {
    return (long) (1.77 * Math.exp(0.5 * random.nextGaussian()) * 1e9);
  }

  private void run(long until, Random random) {
    while (!endings.isEmpty() && endings.peek() <= until) {
      long at = endings.poll();
      Ticket<Integer> next = line.next(at, any -> true);
      if (next != null) {
        line.served(next, at);
        places.add(at);
        endings.add(at + service(random));
      }
    }
  }
}
