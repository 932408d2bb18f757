package dev.headrace.loadtest.lab;

import dev.headrace.router.admission.Priority;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * What an overload did. Times in seconds. Output tokens count from the quarter of the run on, to
 * its end, and only of answers that were completed.
 *
 * @param capacity output tokens per second of the same fleet under the same requests when all wait
 *     in one line without bounds
 * @param goodput output tokens per second under overload
 * @param offered requests per second, without retries
 * @param aloneTtft median time to the first token in the same fleet at a twentieth of its capacity
 * @param aloneE2e median time of a whole answer there
 * @param loudShare share of the output tokens that went to the loud tenant
 * @param refusals how often a client was refused
 * @param retryAfterError median of |told − true| / true over refusals; true: until all that waited
 *     then, and one more, had a place
 */
record OverloadResult(
    Overload setting,
    double capacity,
    double goodput,
    double offered,
    double aloneTtft,
    double aloneE2e,
    double loudShare,
    int refusals,
    double retryAfterError,
    List<ClassPart> classes) {

  OverloadResult {
    classes = List.copyOf(classes);
  }

  /**
   * What became of one class.
   *
   * @param asked clients
   * @param answered of these, how many got a whole answer
   * @param placeShare share of the places that were given while the figures count
   * @param waitP50 until a place was got, of the tries that got one and came while the figures
   *     count
   * @param ttftP99 of the same tries, until the first token
   * @param waitP99WithStart of all tries that got a place, those of the first seconds among them,
   *     when all places fill at once and none comes free
   * @param longestWait of all tries that got a place
   */
  record ClassPart(
      Priority priority,
      int asked,
      int answered,
      double placeShare,
      double waitP50,
      double waitP99,
      double ttftP99,
      double waitP99WithStart,
      double longestWait) {}

  /** Runs it, and what it is compared with. The same seed gives the same result. */
  static OverloadResult of(Overload setting, long seed) {
    List<OverloadCall> backlog = setting.draw(3 * setting.guessedCapacity(), seed, true);
    new OverloadSimulation(setting.unbounded(), backlog, seed).run();
    double capacity = tokensPerSecond(setting, backlog, call -> true);
    double meanOutput =
        backlog.stream().mapToInt(call -> call.request.outputTokens).average().orElse(1);
    double requests = capacity / meanOutput;

    List<OverloadCall> alone = setting.draw(0.05 * requests, seed, true);
    new OverloadSimulation(setting.unbounded(), alone, seed).run();

    List<OverloadCall> calls = setting.draw(setting.load() * requests, seed, false);
    OverloadSimulation run = new OverloadSimulation(setting, calls, seed);
    run.run();

    double goodput = tokensPerSecond(setting, calls, call -> true);
    List<ClassPart> parts = new ArrayList<>();
    for (Priority priority : Priority.values()) {
      parts.add(part(setting, priority, calls));
    }
    return new OverloadResult(
        setting,
        capacity,
        goodput,
        setting.load() * requests,
        quantile(alone, 0.5, call -> call.request.ttft()),
        quantile(alone, 0.5, call -> call.request.finished - call.request.arrival),
        tokensPerSecond(setting, calls, call -> call.tenant == 0) / goodput,
        run.told().size(),
        retryAfterError(run),
        parts);
  }

  ClassPart of(Priority priority) {
    return classes.stream().filter(part -> part.priority() == priority).findFirst().orElseThrow();
  }

  private static ClassPart part(Overload setting, Priority priority, List<OverloadCall> all) {
    List<OverloadCall> calls = all.stream().filter(call -> call.priority == priority).toList();
    List<OverloadCall> placed = calls.stream().filter(call -> !Double.isNaN(call.placed)).toList();
    List<OverloadCall> late =
        placed.stream().filter(call -> call.asked >= setting.countedFrom()).toList();
    double places = all.stream().filter(call -> counts(setting, call)).count();
    return new ClassPart(
        priority,
        calls.size(),
        placed.size(),
        placed.stream().filter(call -> counts(setting, call)).count() / Math.max(1, places),
        quantile(late, 0.5, OverloadCall::waited),
        quantile(late, 0.99, OverloadCall::waited),
        quantile(late, 0.99, call -> call.request.firstToken - call.asked),
        quantile(placed, 0.99, OverloadCall::waited),
        quantile(placed, 1, OverloadCall::waited));
  }

  private static boolean counts(Overload setting, OverloadCall call) {
    return call.placed >= setting.countedFrom() && call.placed < setting.seconds();
  }

  private static double tokensPerSecond(
      Overload setting, List<OverloadCall> calls, Predicate<OverloadCall> counted) {
    return calls.stream().filter(counted).mapToLong(call -> call.countedTokens).sum()
        / (setting.seconds() - setting.countedFrom());
  }

  /** Of refusals whose truth came before the run ended. */
  private static double retryAfterError(OverloadSimulation run) {
    List<Double> places = run.places();
    double[] errors =
        run.told().stream()
            .filter(told -> told.placeAwaited() < places.size())
            .mapToDouble(
                told -> {
                  double truth = places.get(told.placeAwaited()) - told.at();
                  return Math.abs(told.seconds() - truth) / truth;
                })
            .sorted()
            .toArray();
    return errors.length == 0 ? Double.NaN : errors[errors.length / 2];
  }

  private static double quantile(
      List<OverloadCall> calls, double quantile, ToDoubleFunction<OverloadCall> value) {
    double[] values = calls.stream().mapToDouble(value).toArray();
    Arrays.sort(values);
    return values.length == 0
        ? Double.NaN
        : values[(int) Math.min(values.length - 1, values.length * quantile)];
  }
}
