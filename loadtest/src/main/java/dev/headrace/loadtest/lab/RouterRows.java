package dev.headrace.loadtest.lab;

import static dev.headrace.loadtest.lab.LabReport.text;

import dev.headrace.router.balance.LeastLoadPolicy;
import dev.headrace.router.balance.LeastRequestsPolicy;
import java.util.ArrayList;
import java.util.List;

/**
 * One fleet of equal workers behind more and more routers that know nothing of each other, at the
 * same load: what is lost to an oracle, by number of routers.
 */
public final class RouterRows {
  static final List<Integer> ROUTERS = List.of(1, 2, 4, 8, 16);

  /**
   * One number of routers; p99 TTFT in seconds.
   *
   * @param maxOverMean requests of the busiest worker over the mean, with least load
   */
  record Row(
      int routers, double oracle, double leastLoad, double leastRequests, double maxOverMean) {}

  private final List<Row> rows;

  private RouterRows(List<Row> rows) {
    this.rows = rows;
  }

  /**
   * Runs them.
   *
   * @param requests per run
   * @param chunk prompt tokens that an engine prefills in one step
   */
  public static RouterRows run(int requests, long seed, int chunk) {
    Laboratory laboratory = new Laboratory(requests, seed, chunk);
    Scenario equal = Scenario.ALL.get(0).withEngine(EngineModel.REFERENCE.withChunk(chunk));
    List<Row> rows = new ArrayList<>();
    for (int routers : ROUTERS) {
      Scenario shared = equal.withRouters(routers);
      LabResult leastLoad = laboratory.run(shared, LeastLoadPolicy::new);
      rows.add(
          new Row(
              routers,
              laboratory.run(shared, OraclePolicy::new).ttftP99(),
              leastLoad.ttftP99(),
              laboratory.run(shared, LeastRequestsPolicy::new).ttftP99(),
              leastLoad.maxOverMean()));
    }
    return new RouterRows(rows);
  }

  List<Row> rows() {
    return rows;
  }

  /** A Markdown table: p99 TTFT over the oracle's. */
  public List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add("**routers that share equal workers**");
    lines.add("");
    lines.add(
        "| routers | least-load of oracle | least-requests of oracle | least-load max/mean |");
    lines.add("|---:|---:|---:|---:|");
    rows.forEach(row -> lines.add("| " + String.join(" | ", cells(row)) + " |"));
    return lines;
  }

  /** The same as a section of the laboratory's page. */
  public String section() {
    StringBuilder page =
        new StringBuilder("<h2>routers that share equal workers</h2><p>p99 TTFT.</p><table>")
            .append("<tr><th>routers<th>least-load of oracle<th>least-requests of oracle")
            .append("<th>least-load max/mean</tr>");
    rows.forEach(
        row -> page.append("<tr><td>").append(String.join("<td>", cells(row))).append("</tr>"));
    return page.append("</table>").toString();
  }

  private static List<String> cells(Row row) {
    return List.of(
        text("%d", row.routers()),
        text("%.2f", row.leastLoad() / row.oracle()),
        text("%.2f", row.leastRequests() / row.oracle()),
        text("%.2f", row.maxOverMean()));
  }
}
