package dev.headrace.loadtest.lab;

import dev.headrace.router.admission.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * More work than the fleet can do, for a while: what is offered, by whom, and how the fleet and its
 * router are bounded. Times in seconds.
 *
 * @param cap requests that the router has on one worker at most, its {@code max-concurrency}
 * @param maxQueue {@code admission.max-queue}
 * @param maxWait {@code admission.max-wait}
 * @param firstToken the model's first-token clock
 * @param load offered over the fleet's capacity, before any retry
 * @param seconds how long requests arrive
 * @param clients what they do with a refusal
 */
record Overload(
    int workers,
    int cap,
    int maxQueue,
    double maxWait,
    double firstToken,
    double load,
    double seconds,
    Clients clients) {

  /** What clients do with a refusal. */
  enum Clients {
    /** They go away. */
    NEVER("no retries"),
    /** They come back when they were told to, at most twice. */
    OBEY("retry when told"),
    /** They come back after 0.5 s and again after 1 s, whatever they were told. */
    IMPATIENT("retry at once");

    final String words;

    Clients(String words) {
      this.words = words;
    }
  }

  /** As often as the common client libraries try again. */
  static final int RETRIES = 2;

  /** The router's own defaults before eight workers of 64 places. */
  static final Overload USUAL = new Overload(8, 64, 1_000, 60, 60, 3, 60, Clients.OBEY);

  private static final List<Priority> PRIORITIES =
      List.of(Priority.HIGH, Priority.MEDIUM, Priority.LOW);

  /** Share of the requests in each class, most urgent first. */
  private static final double[] CLASSES = {0.1, 0.3, 0.6};

  /** Share of each tenant in each class: one is loud. */
  private static final double[] TENANTS = {0.55, 0.15, 0.15, 0.15};

  static String tenant(int index) {
    return index == 0 ? "loud" : "quiet-" + index;
  }

  static double offeredBy(int tenant) {
    return TENANTS[tenant];
  }

  static int tenants() {
    return TENANTS.length;
  }

  /** From here on the figures count: the fleet is full, and the line, too. */
  double countedFrom() {
    return seconds / 4;
  }

  EngineModel engine() {
    return EngineModel.REFERENCE;
  }

  Workload workload() {
    return Workload.CONVERSATION;
  }

  Overload with(Clients other) {
    return new Overload(workers, cap, maxQueue, maxWait, firstToken, load, seconds, other);
  }

  Overload withLoad(double other) {
    return new Overload(workers, cap, maxQueue, maxWait, firstToken, other, seconds, clients);
  }

  /** The same fleet and work, but whoever waits may do so without any bound. */
  Overload unbounded() {
    return new Overload(workers, cap, Integer.MAX_VALUE, 1e6, 1e6, load, seconds, Clients.NEVER);
  }

  /** Requests per second that its fleet should manage; only where the true figure is not known. */
  double guessedCapacity() {
    EngineModel full = engine().withSlots(cap);
    return workers * full.capacity(workload().meanPrompt(), workload().meanOutput());
  }

  /**
   * All that arrives, classes and tenants by chance; {@code plain}: all of one class and tenant.
   */
  List<OverloadCall> draw(double rate, long seed, boolean plain) {
    SplittableRandom random = new SplittableRandom(seed + 17);
    List<OverloadCall> calls = new ArrayList<>();
    for (LabRequest request : workload().draw((int) (rate * seconds), rate, seed)) {
      Priority priority = PRIORITIES.get(index(CLASSES, random));
      int tenant = index(TENANTS, random);
      calls.add(
          plain
              ? new OverloadCall(request, Priority.MEDIUM, 0)
              : new OverloadCall(request, priority, tenant));
    }
    return calls;
  }

  private static int index(double[] shares, SplittableRandom random) {
    double left = random.nextDouble();
    int at = 0;
    while (at < shares.length - 1 && left >= shares[at]) {
      left -= shares[at++];
    }
    return at;
  }
}
