package dev.headrace.loadtest.lab;

import static dev.headrace.loadtest.lab.LabReport.text;

import java.util.List;
import java.util.Map;

/**
 * The laboratory's page: for each scenario the distribution of TTFT by policy, and the figures
 * below it.
 */
final class LabPage {
  private static final String[] COLOURS = {
    "#222222", "#1f77b4", "#d62728", "#ff7f0e", "#9467bd", "#7f7f7f"
  };
  private static final int WIDTH = 760;
  private static final int HEIGHT = 300;
  private static final int LEFT = 60;
  private static final int RIGHT = 30;
  private static final int BOTTOM = 40;

  private LabPage() {}

  static String render(String subtitle, Map<String, List<LabResult>> scenarios) {
    StringBuilder page = new StringBuilder();
    page.append(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Policy laboratory</title>")
        .append(
            "<style>body{font:15px/1.5 system-ui,sans-serif;max-width:820px;margin:2em auto;padding:0 1em}")
        .append(
            "table{border-collapse:collapse}td,th{padding:2px 10px;text-align:right;border-bottom:1px solid #ddd}")
        .append(
            "td:first-child,th:first-child{text-align:left}</style><h1>Policy laboratory</h1><p>")
        .append(subtitle)
        .append(
            ". TTFT in milliseconds on a logarithmic axis; a curve further left is better.</p>");
    scenarios.forEach(
        (name, results) -> {
          page.append("<h2>").append(name).append("</h2>");
          plot(page, results);
          figures(page, results);
        });
    return page.append("</html>\n").toString();
  }

  private static void plot(StringBuilder page, List<LabResult> results) {
    double low = Math.log10(0.02);
    double high = Math.log10(20);
    page.append(
        text("<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\">", WIDTH, HEIGHT, WIDTH));
    for (double seconds : new double[] {0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20}) {
      double x = x(seconds, low, high);
      page.append(
          text(
              "<path d=\"M%.1f 10V%d\" stroke=\"#eee\"/><text x=\"%.1f\" y=\"%d\" font-size=\"11\""
                  + " text-anchor=\"middle\">%.0f</text>",
              x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 16, seconds * 1e3));
    }
    for (int percent : new int[] {0, 50, 90, 99}) {
      double y = y(percent / 100.0);
      page.append(
          text(
              "<path d=\"M%d %.1fH%d\" stroke=\"#eee\"/><text x=\"%d\" y=\"%.1f\" font-size=\"11\""
                  + " text-anchor=\"end\">p%d</text>",
              LEFT, y, WIDTH - RIGHT, LEFT - 6, y + 4, percent));
    }
    for (int i = 0; i < results.size(); i++) {
      List<Double> curve = results.get(i).ttftCurve();
      StringBuilder path = new StringBuilder();
      for (int q = 0; q < curve.size(); q++) {
        path.append(q == 0 ? 'M' : 'L')
            .append(text("%.1f %.1f", x(curve.get(q), low, high), y(q / (double) curve.size())));
      }
      String colour = COLOURS[i % COLOURS.length];
      page.append(
          text(
              "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>",
              path, colour, i == 0 ? " stroke-dasharray=\"4 3\"" : ""));
      page.append(
          text(
              "<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"4\" fill=\"%s\"/><text x=\"%d\" y=\"%d\""
                  + " font-size=\"12\">%s</text>",
              WIDTH - 150,
              140 + 18 * i,
              colour,
              WIDTH - 130,
              146 + 18 * i,
              results.get(i).policy()));
    }
    page.append("</svg>");
  }

  private static void figures(StringBuilder page, List<LabResult> results) {
    double oracle = results.get(0).ttftP99();
    page.append(
        "<table><tr><th>policy<th>TTFT p50<th>TTFT p99<th>of oracle<th>TPOT p99<th>E2E p99</tr>");
    for (LabResult r : results) {
      page.append(
          text(
              "<tr><td>%s<td>%.0f<td>%.0f<td>%.2f<td>%.1f<td>%.0f</tr>",
              r.policy(),
              1e3 * r.ttftP50(),
              1e3 * r.ttftP99(),
              r.ttftP99() / oracle,
              1e3 * r.tpotP99(),
              1e3 * r.e2eP99()));
    }
    page.append("</table>");
  }

  private static double x(double seconds, double low, double high) {
    double at = (Math.log10(Math.max(0.02, Math.min(20, seconds))) - low) / (high - low);
    return LEFT + at * (WIDTH - LEFT - RIGHT);
  }

  private static double y(double quantile) {
    return HEIGHT - BOTTOM - quantile * (HEIGHT - BOTTOM - 10);
  }
}
