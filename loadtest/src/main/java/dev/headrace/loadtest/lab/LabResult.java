package dev.headrace.loadtest.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one policy made of one scenario. Times in seconds, over all requests but the first, from
 * which routers learn.
 *
 * @param failingShare share of attempts that went to the failing worker
 * @param maxOverMean requests served by the busiest worker over the mean
 */
record LabResult(
    String scenario,
    String policy,
    double ttftP50,
    double ttftP99,
    double tpotP50,
    double tpotP99,
    double e2eP50,
    double e2eP99,
    double failingShare,
    double maxOverMean,
    List<Double> ttftCurve) {

  LabResult {
    ttftCurve = List.copyOf(ttftCurve);
  }

  private static final int CURVE = 100;

  static LabResult of(
      Scenario scenario,
      String policy,
      List<LabRequest> requests,
      List<LabWorker> workers,
      double failingShare) {
    List<LabRequest> counted =
        requests.subList(Math.min(200 * workers.size(), requests.size() / 5), requests.size());
    double[] ttft = sorted(counted, LabRequest::ttft);
    double[] tpot = sorted(counted, LabRequest::tpot);
    double[] whole = sorted(counted, request -> request.finished - request.arrival);
    List<Double> curve = new ArrayList<>();
    for (int i = 0; i < CURVE; i++) {
      curve.add(at(ttft, i / (double) CURVE));
    }
    long most = workers.stream().mapToLong(worker -> worker.servedRequests).max().orElse(0);
    double mean = workers.stream().mapToLong(worker -> worker.servedRequests).average().orElse(1);
    return new LabResult(
        scenario.name(),
        policy,
        at(ttft, 0.5),
        at(ttft, 0.99),
        at(tpot, 0.5),
        at(tpot, 0.99),
        at(whole, 0.5),
        at(whole, 0.99),
        failingShare,
        most / mean,
        curve);
  }

  private static double[] sorted(List<LabRequest> requests, ToDoubleFunction<LabRequest> value) {
    return requests.stream().mapToDouble(value).filter(v -> !Double.isNaN(v)).sorted().toArray();
  }

  private static double at(double[] sorted, double quantile) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, sorted.length * quantile)];
  }
}
