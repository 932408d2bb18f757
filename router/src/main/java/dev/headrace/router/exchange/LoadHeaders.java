package dev.headrace.router.exchange;

import dev.headrace.router.fleet.Worker;
import dev.headrace.router.wire.Fields;
import dev.headrace.worker.load.LoadHeader;
import dev.headrace.worker.load.WorkerLoad;

/**
 * Load that engines tell in the heads of their answers: asked for now and then, read wherever it
 * comes. It is for the router: no such header of a client goes on, and none of a worker goes back.
 */
final class LoadHeaders {
  private LoadHeaders() {}

  static void ask(Fields fields, Worker worker) {
    LoadHeader header = worker.engine().loadHeader();
    if (header != null && worker.live().askWithAnswer(System.nanoTime())) {
      fields.add(header.askName(), header.askValue());
    }
  }

  static void read(Fields fields, Worker worker) {
    LoadHeader header = worker.engine().loadHeader();
    if (header == null) {
      return;
    }
    String value = fields.get(header.name());
    if (value != null) {
      WorkerLoad load = header.read(value, System.nanoTime());
      if (load.known() || !Double.isNaN(load.kvUsage())) {
        worker.toldWithAnswer(load);
      }
    }
  }
}
