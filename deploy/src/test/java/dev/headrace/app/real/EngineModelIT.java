package dev.headrace.app.real;

import static dev.headrace.app.real.EngineMeasurement.median;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.app.real.EngineMeasurement.Timed;
import dev.headrace.loadtest.lab.EngineCheck;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The laboratory's engine beside a real llama-server: fitted to requests alone and to equal
 * streams, it must say what becomes of mixed work. The figures are left in {@code
 * target/real/engine-model.md}.
 */
@NeedsParts(RealPart.LLAMA_SERVER)
class EngineModelIT {
  private static final int SLOTS = 4;
  private static final int CONTEXT = 2048;

  /** With embeddings switched on, llama-server takes its physical batch, 512, into one step. */
  private static final int CHUNK = 512;

  private static final int[] PROMPTS = {64, 256, 512, 1024, 1536};
  private static final int BESIDE = 1024;
  private static final int CALM_ROUNDS = 3;
  private static final int MOST_ROUNDS = 8;
  private static final double CALM = 0.15;
  private static final int WORK = 16;
  private static final long SEED = 7;

  /** What requests alone and equal streams need. */
  private record Calibration(Map<Integer, Double> prefills, Map<Integer, Double> gaps) {
    double size() {
      return prefills.values().stream().mapToDouble(time -> time).sum();
    }
  }

  /**
   * What one round measured.
   *
   * @param unrest by how much the engine's speed differed before and after the mixed work, since
   *     the machine does other things, too
   */
  private record Round(Calibration calibration, double beside, Mixed mixed, double unrest) {}

  /** Mixed work, measured and foretold; errors are medians over its requests. */
  private record Mixed(
      double ttft,
      double ttftForetold,
      double end,
      double endForetold,
      double ttftError,
      double wholeError) {}

  private static final List<String> REPORT = new ArrayList<>();
  private static final List<Round> MEASURED = new ArrayList<>();
  private static LlamaServer server;
  private static EngineMeasurement engine;
  private static EngineCheck check;

  @BeforeAll
  static void measureAndFit() throws Exception {
    server = LlamaServer.start(TinyModel.middle(), "tiny", SLOTS, CONTEXT);
    engine = new EngineMeasurement(server);
    engine.ask(512, 64, 0);
    int rounds = 0;
    while (rounds < MOST_ROUNDS && calm() < CALM_ROUNDS) {
      MEASURED.add(round(rounds++));
    }
    // Where the machine was never calm for long, the calmest rounds have to do.
    MEASURED.sort(Comparator.comparingDouble(Round::unrest));
    MEASURED.subList(CALM_ROUNDS, MEASURED.size()).clear();
    check =
        EngineCheck.fit(medians(Calibration::prefills), medians(Calibration::gaps), CHUNK, SLOTS);
    report(rounds);
    System.out.println("seed " + SEED + "\n" + String.join("\n", REPORT));
  }

  private static long calm() {
    return MEASURED.stream().filter(round -> round.unrest() < CALM).count();
  }

  private static Round round(int number) throws Exception {
    Calibration before = calibrate(number);
    double beside = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 3; i++) {
      // The machine can only add to a gap.
      beside = Math.min(beside, longestGapBeside(3 * number + i));
    }
    List<EngineCheck.Asked> work = work(SEED + number);
    List<Timed> played = engine.play(work);
    Calibration after = calibrate(number + 100);
    Calibration both =
        new Calibration(
            mean(before.prefills(), after.prefills()), mean(before.gaps(), after.gaps()));
    Mixed mixed =
        compare(EngineCheck.fit(both.prefills(), both.gaps(), CHUNK, SLOTS), played, work);
    double ratio = after.size() / before.size();
    return new Round(both, beside, mixed, Math.max(ratio, 1 / ratio) - 1);
  }

  private static Calibration calibrate(int variant) throws Exception {
    Map<Integer, Double> prefills = new TreeMap<>();
    for (int prompt : PROMPTS) {
      prefills.put(prompt, engine.ask(prompt, 1, variant).ttft());
    }
    Map<Integer, Double> gaps = new TreeMap<>();
    for (int streams = 1; streams <= SLOTS; streams++) {
      // Means, since a client that is late reads several tokens at once.
      double[] means =
          engine.sideBySide(streams, 16, 96).stream()
              .mapToDouble(timed -> timed.meanGap(16, 80))
              .toArray();
      gaps.put(streams, median(means));
    }
    return new Calibration(prefills, gaps);
  }

  private static Map<Integer, Double> mean(Map<Integer, Double> a, Map<Integer, Double> b) {
    Map<Integer, Double> result = new TreeMap<>();
    a.forEach((key, value) -> result.put(key, (value + b.get(key)) / 2));
    return result;
  }

  private static void report(int rounds) {
    REPORT.add(
        String.format(
            Locale.ROOT,
            "Fitted to the medians of the %d calmest of %d rounds (speed before and after the mixed"
                + " work differed by at most %.0f %%): %s.",
            CALM_ROUNDS,
            rounds,
            100 * MEASURED.get(CALM_ROUNDS - 1).unrest(),
            check.parameters()));
    REPORT.add("");
    REPORT.add("| | measured [ms] | foretold [ms] | error |");
    REPORT.add("|---|---:|---:|---:|");
    medians(Calibration::prefills)
        .forEach(
            (prompt, time) ->
                row("first token, prompt of " + prompt + " alone", time, check.prefill(prompt)));
    medians(Calibration::gaps)
        .forEach(
            (streams, gap) ->
                row("gap between tokens, " + streams + " streams", gap, check.gap(streams)));
    row("longest gap beside a prompt of " + BESIDE, beside(), check.gapBeside(BESIDE));
    for (Round round : MEASURED) {
      Mixed mixed = round.mixed();
      row("mixed work: median time to the first token", mixed.ttft(), mixed.ttftForetold());
      row("mixed work: until the last answer ended", mixed.end(), mixed.endForetold());
    }
    REPORT.add("");
    REPORT.add(
        String.format(
            Locale.ROOT,
            "Mixed work, request by request, median error: time to the first token %.0f %%, whole"
                + " answer %.0f %% (median of the rounds).",
            100 * overRounds(Mixed::ttftError),
            100 * overRounds(Mixed::wholeError)));
  }

  @AfterAll
  static void leaveTheFigures() throws Exception {
    if (engine != null) {
      engine.close();
    }
    if (server != null) {
      server.close();
      Files.write(
          Files.createDirectories(ChildProcess.folder()).resolve("engine-model.md"), REPORT);
    }
  }

  private static Map<Integer, Double> medians(Function<Calibration, Map<Integer, Double>> part) {
    Map<Integer, Double> result = new TreeMap<>();
    for (int key : part.apply(MEASURED.get(0).calibration()).keySet()) {
      result.put(
          key,
          median(
              MEASURED.stream()
                  .mapToDouble(round -> part.apply(round.calibration()).get(key))
                  .toArray()));
    }
    return result;
  }

  private static double beside() {
    return median(MEASURED.stream().mapToDouble(Round::beside).toArray());
  }

  private static double overRounds(ToDoubleFunction<Mixed> figure) {
    return median(MEASURED.stream().map(Round::mixed).mapToDouble(figure).toArray());
  }

  private static void row(String what, double measured, double foretold) {
    REPORT.add(
        String.format(
            Locale.ROOT,
            "| %s | %.1f | %.1f | %+.0f %% |",
            what,
            1e3 * measured,
            1e3 * foretold,
            100 * (foretold / measured - 1)));
  }

  private static double error(double measured, double foretold) {
    return Math.abs(foretold - measured) / measured;
  }

  private static double longestGapBeside(int variant) throws Exception {
    ScheduledExecutorService clients = engine.clients();
    Future<Timed> stream = clients.submit(() -> engine.ask(16, 800, variant));
    Future<Timed> beside =
        clients.schedule(() -> engine.ask(BESIDE, 1, variant), 100, TimeUnit.MILLISECONDS);
    Timed seen = stream.get(120, TimeUnit.SECONDS);
    Timed prefill = beside.get(120, TimeUnit.SECONDS);
    assertThat(prefill.asked()).as("while the other streams").isLessThan(seen.end());
    return IntStream.range(1, seen.tokens().size())
        .filter(
            i -> seen.tokens().get(i) > prefill.asked() && seen.tokens().get(i - 1) < prefill.end())
        .mapToDouble(i -> seen.tokens().get(i) - seen.tokens().get(i - 1))
        .max()
        .orElseThrow();
  }

  /** All at once, in this order: more than the slots hold, so that most have to wait. */
  private static List<EngineCheck.Asked> work(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<EngineCheck.Asked> work = new ArrayList<>();
    for (int i = 0; i < WORK; i++) {
      work.add(
          new EngineCheck.Asked(
              0.1 + 0.02 * i, 50 + random.nextInt(950), 10 + random.nextInt(110)));
    }
    return work;
  }

  private static Mixed compare(
      EngineCheck fitted, List<Timed> played, List<EngineCheck.Asked> work) {
    double begin = played.get(0).asked() - work.get(0).at();
    // As it was really asked: a client may have been a little late.
    List<EngineCheck.Asked> asked = new ArrayList<>();
    for (int i = 0; i < WORK; i++) {
      asked.add(
          new EngineCheck.Asked(
              played.get(i).asked() - begin,
              work.get(i).promptTokens(),
              work.get(i).outputTokens()));
    }
    List<EngineCheck.Answered> foretold = fitted.predict(asked);
    double[] ttft = new double[WORK];
    double[] ttftForetold = new double[WORK];
    double[] ttftErrors = new double[WORK];
    double[] wholeErrors = new double[WORK];
    double end = 0;
    double endForetold = 0;
    for (int i = 0; i < WORK; i++) {
      Timed real = played.get(i);
      EngineCheck.Answered said = foretold.get(i);
      double from = asked.get(i).at();
      ttft[i] = real.ttft();
      ttftForetold[i] = said.firstToken() - from;
      ttftErrors[i] = error(ttft[i], ttftForetold[i]);
      wholeErrors[i] = error(real.end() - real.asked(), said.end() - from);
      end = Math.max(end, real.end() - begin);
      endForetold = Math.max(endForetold, said.end());
    }
    return new Mixed(
        median(ttft),
        median(ttftForetold),
        end,
        endForetold,
        median(ttftErrors),
        median(wholeErrors));
  }

  @Test
  void prefillTimeGrowsInProportionToThePrompt() {
    Map<Integer, Double> prefills = medians(Calibration::prefills);
    // time ~ tokens^exponent. A machine that is shared lets short work through sooner.
    double exponent = Math.log(prefills.get(1536) / prefills.get(64)) / Math.log(1536.0 / 64);
    assertThat(exponent).isBetween(0.7, 1.5);
    double all = prefills.values().stream().mapToDouble(time -> time).sum();
    double foretold = prefills.keySet().stream().mapToDouble(check::prefill).sum();
    assertThat(error(all, foretold)).isLessThan(0.4);
  }

  @Test
  void gapsGrowWithTheStreamsSideBySide() {
    assertThat(
            median(
                medians(Calibration::gaps).entrySet().stream()
                    .mapToDouble(e -> error(e.getValue(), check.gap(e.getKey())))
                    .toArray()))
        .isLessThan(0.4);
  }

  @Test
  void aPrefillHoldsUpTheStreamBesideItForAboutOneStep() {
    assertThat(beside()).isGreaterThan(3 * medians(Calibration::gaps).get(1));
    assertThat(error(beside(), check.gapBeside(BESIDE))).isLessThan(0.6);
  }

  @Test
  void whatBecomesOfMixedWorkIsForetold() {
    assertThat(overRounds(Mixed::ttftError)).isLessThan(0.4);
    assertThat(overRounds(Mixed::wholeError)).isLessThan(0.4);
    assertThat(overRounds(mixed -> error(mixed.end(), mixed.endForetold()))).isLessThan(0.3);
  }
}
