package dev.headrace.loadtest.lab;

import dev.headrace.router.balance.LeastLoadPolicy;
import dev.headrace.router.balance.OutlierSettings;
import dev.headrace.router.balance.Policy;
import dev.headrace.router.balance.PrefixPolicy;
import dev.headrace.router.balance.RoundRobinPolicy;
import dev.headrace.router.balance.SessionPolicy;
import dev.headrace.router.balance.WeightedPolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/**
 * The laboratory's scenario of conversations: what of the prompts the engines' caches hold when the
 * router's own policies place them. Four workers with {@value #BLOCKS} KV blocks of 512 tokens.
 */
public final class SessionLaboratory {
  static final int WORKERS = 4;
  static final int BLOCKS = 10_000;

  /** Offered load as a share of what the engines can do without a cache. */
  static final double LOAD = 0.6;

  /** The policies that are compared. */
  static final List<Supplier<Policy>> POLICIES =
      List.of(
          RoundRobinPolicy::new,
          WeightedPolicy::new,
          LeastLoadPolicy::new,
          SessionPolicy::new,
          PrefixPolicy::new);

  /**
   * What one policy made of it.
   *
   * @param cachedShare prompt tokens that were in the cache, of all
   * @param maxOverMean prompt blocks given to the fullest worker, over the mean
   * @param ttftP50 time to the first token [s]
   * @param ttftP99 time to the first token [s]
   */
  record Row(
      String policy, double cachedShare, double maxOverMean, double ttftP50, double ttftP99) {}

  /** Title, blank, names and rule of the table. */
  private static final int HEAD_LINES = 4;

  private final int requests;
  private final long seed;
  private final int chunk;

  /**
   * Prepares a run.
   *
   * @param requests per policy
   * @param chunk prompt tokens that an engine prefills in one step
   */
  public SessionLaboratory(int requests, long seed, int chunk) {
    this.requests = requests;
    this.seed = seed;
    this.chunk = chunk;
  }

  /** Runs all policies and returns a Markdown table. */
  public List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add("**conversations**");
    lines.add("");
    lines.add("| policy | prompt from cache | max/mean | TTFT p50 | TTFT p99 |");
    lines.add("|---|---:|---:|---:|---:|");
    for (Supplier<Policy> policy : POLICIES) {
      lines.add(line("", run(policy, LOAD, 1)));
    }
    lines.add(line(", four routers", run(PrefixPolicy::new, LOAD, 4)));
    return lines;
  }

  /** The lines of {@link #table} as a section of the laboratory's page. */
  public static String section(List<String> table) {
    StringBuilder page =
        new StringBuilder("<h2>conversations</h2><p>TTFT in ms.</p><table>")
            .append("<tr><th>policy<th>prompt from cache<th>max/mean<th>TTFT p50<th>TTFT p99</tr>");
    for (String line : table.subList(HEAD_LINES, table.size())) {
      String cells = line.substring(2, line.length() - 2).replace(" | ", "<td>");
      page.append("<tr><td>").append(cells).append("</tr>");
    }
    return page.append("</table>").toString();
  }

  private static String line(String remark, Row row) {
    return LabReport.text(
        "| %s%s | %.1f %% | %.2f | %.0f | %.0f |",
        row.policy(),
        remark,
        100 * row.cachedShare(),
        row.maxOverMean(),
        1e3 * row.ttftP50(),
        1e3 * row.ttftP99());
  }

  /** Each request comes through one of {@code routers}, in turn, which tell each other nothing. */
  Row run(Supplier<Policy> policy, double load, int routers) {
    Scenario scenario = scenario(load, routers);
    List<LabRequest> drawn = SessionWorkload.draw(requests, scenario.rate(), seed);
    Simulation simulation =
        new Simulation(scenario, drawn, policy, OutlierSettings.DEFAULT, seed + 1);
    List<LabWorker> workers = simulation.run();
    long asked = workers.stream().mapToLong(worker -> worker.cache.askedBlocks).sum();
    double prompt = drawn.stream().mapToLong(request -> request.promptTokens).sum();
    long cached = drawn.stream().mapToLong(request -> request.cachedTokens).sum();
    long most = workers.stream().mapToLong(worker -> worker.cache.askedBlocks).max().orElse(0);
    LabResult times = LabResult.of(scenario, policy.get().name(), drawn, workers, 0);
    return new Row(
        times.policy(),
        cached / prompt,
        (double) most * WORKERS / asked,
        times.ttftP50(),
        times.ttftP99());
  }

  private Scenario scenario(double load, int routers) {
    Workload workload =
        new Workload(
            "mooncake-like",
            LengthLaw.MOONCAKE_CONVERSATION_IN,
            LengthLaw.MOONCAKE_CONVERSATION_OUT,
            12_035,
            343,
            1);
    EngineModel engine =
        new EngineModel(
            1, 0.015, 0.000_15, 0.000_1, chunk, 128, BLOCKS, SessionWorkload.BLOCK_TOKENS);
    return new Scenario(
        "conversations",
        workload,
        Collections.nCopies(WORKERS, 1.0),
        load,
        routers,
        0,
        -1,
        Change.NONE,
        engine);
  }
}
