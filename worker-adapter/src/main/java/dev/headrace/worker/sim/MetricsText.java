package dev.headrace.worker.sim;

/** Writes Prometheus text. Confined to one thread. */
final class MetricsText {
  private final StringBuilder text = new StringBuilder(2048);
  private final String labels;

  /**
   * @param labels what stands in braces after each name, without the braces; empty for none
   */
  MetricsText(String labels) {
    this.labels = labels;
  }

  MetricsText gauge(String name, double value) {
    return series(name, "gauge", labels, value);
  }

  MetricsText gauge(String name, long value) {
    return series(name, "gauge", labels, value);
  }

  MetricsText counter(String name, long value) {
    return series(name, "counter", labels, value);
  }

  /** One series with labels of its own in place of the common ones. */
  MetricsText series(String name, String type, String ownLabels, long value) {
    return line(name, type, ownLabels, value + ".0");
  }

  private MetricsText series(String name, String type, String ownLabels, double value) {
    return line(name, type, ownLabels, Double.toString(value));
  }

  private MetricsText line(String name, String type, String ownLabels, String value) {
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n').append(name);
    if (!ownLabels.isEmpty()) {
      text.append('{').append(ownLabels).append('}');
    }
    text.append(' ').append(value).append('\n');
    return this;
  }

  /** A label's value in quotes. */
  static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }

  Reply reply() {
    return Reply.metrics(text.toString());
  }
}
