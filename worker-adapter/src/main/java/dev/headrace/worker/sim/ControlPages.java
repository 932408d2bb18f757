package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/**
 * The paths under {@code /sim/}, which no engine has: counts, captured requests, faults. No fault
 * and no key stands before them. Confined to the worker's event loop.
 */
final class ControlPages {
  private final SimEngine engine;
  private final RequestLog log;

  ControlPages(SimEngine engine, RequestLog log) {
    this.engine = engine;
    this.log = log;
  }

  static boolean owns(String path) {
    return path != null && path.startsWith("/sim/");
  }

  Reply answer(HttpServerRequest request, Buffer body) {
    return switch (request.method().name() + " " + request.path()) {
      case "GET /sim/stats" -> Reply.json(engine.counters().stats(engine.options()).toJson());
      case "GET /sim/requests" -> requests(request.getParam("last", "20"));
      case "GET /sim/faults" -> Reply.json(engine.faults().toJson());
      case "PUT /sim/faults" -> faults(body);
      case "POST /sim/reset" -> reset();
      default -> error(404, "no such page; there are stats, requests, faults and reset");
    };
  }

  private Reply requests(String last) {
    try {
      return Reply.json(
          new JsonObject().put("requests", log.last(Math.max(0, Integer.parseInt(last)))));
    } catch (NumberFormatException notANumber) {
      return error(400, "last must be a whole number, got '" + last + "'");
    }
  }

  private Reply faults(Buffer body) {
    try {
      SimFaults faults = SimFaults.of(new JsonObject(body).getMap());
      engine.faults(faults);
      return Reply.json(faults.toJson());
    } catch (DecodeException unreadable) {
      return error(400, "the body is not a JSON object");
    } catch (IllegalArgumentException wrong) {
      return error(400, String.valueOf(wrong.getMessage()));
    }
  }

  private Reply reset() {
    engine.counters().reset();
    engine.loop().model().clearCache();
    log.clear();
    return Reply.json(engine.counters().stats(engine.options()).toJson());
  }

  private static Reply error(int status, String message) {
    return Reply.json(status, new JsonObject().put("error", message));
  }
}
