package dev.headrace.router.exchange;

import dev.headrace.router.fleet.Worker;
import dev.headrace.worker.load.LoadHeader;
import dev.headrace.worker.load.WorkerLoad;
import io.vertx.core.MultiMap;

/**
 * Load that engines tell in the heads of their answers: asked for now and then, read wherever it
 * comes. It is for the router: no such header of a client goes on, and none of a worker goes back.
 */
final class LoadHeaders {
  private LoadHeaders() {}

  static void ask(MultiMap headers, Worker worker) {
    LoadHeader header = worker.engine().loadHeader();
    if (header != null && worker.live().askWithAnswer(System.nanoTime())) {
      headers.set(header.askName(), header.askValue());
    }
  }

  static void read(MultiMap headers, Worker worker) {
    LoadHeader header = worker.engine().loadHeader();
    if (header == null) {
      return;
    }
    String value = headers.get(header.name());
    if (value != null) {
      WorkerLoad load = header.read(value, System.nanoTime());
      if (load.known() || !Double.isNaN(load.kvUsage())) {
        worker.toldWithAnswer(load);
      }
    }
  }
}
