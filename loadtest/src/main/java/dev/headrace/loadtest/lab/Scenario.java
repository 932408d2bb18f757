package dev.headrace.loadtest.lab;

import java.util.List;
import java.util.stream.Stream;

/**
 * A fleet, its routers and what goes wrong.
 *
 * @param speeds relative speed of each worker; never told to a router
 * @param load offered load as a share of the fleet's capacity
 * @param routers routers that share the fleet and know nothing of each other
 * @param gaugeDelay age of the engines' reports when they are read [s]
 * @param failing index of a worker that answers 503 at once, or -1
 * @param change what happens to a worker in the middle
 */
record Scenario(
    String name,
    Workload workload,
    List<Double> speeds,
    double load,
    int routers,
    double gaugeDelay,
    int failing,
    Change change,
    EngineModel engine) {

  static final List<Scenario> ALL =
      List.of(
          plain("equal", List.of(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)),
          plain("speeds 1:2:4", List.of(1.0, 1.0, 2.0, 2.0, 4.0, 4.0)),
          plain("speeds 1:2:4, little load", List.of(1.0, 1.0, 2.0, 2.0, 4.0, 4.0)).withLoad(0.1),
          plain("late gauges", equal(8)).withGaugeDelay(5),
          plain("one fails at once", equal(8)).withFailing(3),
          plain("four routers", equal(8)).withRouters(4),
          plain("bursty code", equal(8)).withWorkload(Workload.CODE),
          plain("one is slow for a while", equal(8)).withChange(Change.slow(3, 0.1)),
          plain("a cold one joins", equal(8)).withChange(Change.joins(3, 0.3)));

  private static Scenario plain(String name, List<Double> speeds) {
    return new Scenario(
        name, Workload.CONVERSATION, speeds, 0.8, 1, 0, -1, Change.NONE, EngineModel.REFERENCE);
  }

  private static List<Double> equal(int workers) {
    return Stream.generate(() -> 1.0).limit(workers).toList();
  }

  private Scenario withLoad(double share) {
    return new Scenario(
        name, workload, speeds, share, routers, gaugeDelay, failing, change, engine);
  }

  private Scenario withGaugeDelay(double seconds) {
    return new Scenario(name, workload, speeds, load, routers, seconds, failing, change, engine);
  }

  private Scenario withFailing(int worker) {
    return new Scenario(name, workload, speeds, load, routers, gaugeDelay, worker, change, engine);
  }

  Scenario withRouters(int count) {
    return new Scenario(name, workload, speeds, load, count, gaugeDelay, failing, change, engine);
  }

  private Scenario withWorkload(Workload other) {
    return new Scenario(name, other, speeds, load, routers, gaugeDelay, failing, change, engine);
  }

  private Scenario withChange(Change other) {
    return new Scenario(name, workload, speeds, load, routers, gaugeDelay, failing, other, engine);
  }

  Scenario withEngine(EngineModel other) {
    return new Scenario(name, workload, speeds, load, routers, gaugeDelay, failing, change, other);
  }

  List<EngineModel> engines() {
    return speeds.stream().map(engine::withSpeed).toList();
  }

  /** Requests per second that are offered. */
  double rate() {
    double capacity = 0;
    for (int i = 0; i < speeds.size(); i++) {
      if (i != failing) {
        capacity +=
            engine.withSpeed(speeds.get(i)).capacity(workload.meanPrompt(), workload.meanOutput());
      }
    }
    return load * capacity;
  }
}
