package dev.headrace.worker.sim;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Takes requests from the wire to what answers them: body, key, route, faults that strike before a
 * request is looked at. Confined to the worker's event loop.
 */
final class SimRequests {
  private static final Logger LOG = Logger.getLogger(SimRequests.class.getName());
  private static final int MOST_BODY_BYTES = 64 << 20;
  private static final String CONNECTION = "connection";
  private static final String CLOSE = "close";

  private final Vertx vertx;
  private final SimEngine engine;
  private final SimDialect dialect;
  private final ConnectionHabits habits;
  private final Map<String, SimRoute> routes;
  private final RequestLog log = new RequestLog();
  private final ControlPages control;
  private final Generations generations;

  SimRequests(Vertx vertx, SimEngine engine) {
    this.vertx = vertx;
    this.engine = engine;
    this.dialect = engine.dialect();
    this.habits = dialect.connections();
    this.routes = dialect.routes();
    this.control = new ControlPages(engine, log);
    this.generations = new Generations(vertx, engine);
  }

  void handle(HttpServerRequest request, SimConnection connection) {
    int count = connection.began();
    HttpServerResponse response = request.response();
    response
        .putHeader("x-sim-worker", engine.options().name())
        .headersEndHandler(head -> announce(response, count))
        .endHandler(ended -> answered(response, connection));
    dialect.headers().forEach(response::putHeader);
    Buffer body = Buffer.buffer();
    request.handler(
        piece -> {
          if (body.length() + piece.length() > MOST_BODY_BYTES) {
            refuse(request, Refusal.of(Refusal.Kind.TOO_LARGE, "the body is too large"));
            request.connection().close();
          } else {
            body.appendBuffer(piece);
          }
        });
    request.endHandler(whole -> later(count, request, body));
  }

  /** Says that the connection closes after this answer, if it does and says so. */
  private void announce(HttpServerResponse response, int count) {
    boolean counted = habits.requests() > 0 && count >= habits.requests();
    if (counted || (habits.afterError() && response.getStatusCode() >= 400)) {
      response.headers().remove("keep-alive").set(CONNECTION, CLOSE);
    }
  }

  private void answered(HttpServerResponse response, SimConnection connection) {
    boolean stream = Generation.EVENT_STREAM.equals(response.headers().get("content-type"));
    if (CLOSE.equals(response.headers().get(CONNECTION)) || (stream && habits.afterStream())) {
      connection.close();
    } else {
      connection.answered(idleMs(habits.idleMs()));
    }
  }

  /** How long a new connection may be without a request; 0 is for ever. */
  int unusedMs() {
    return idleMs(habits.unusedMs());
  }

  private int idleMs(int usual) {
    int faulty = engine.faults().closeIdleMs();
    return faulty > 0 ? faulty : usual;
  }

  private void later(int count, HttpServerRequest request, Buffer body) {
    int delay = engine.faults().acceptDelayMs();
    if (delay > 0 && count == 1 && !ControlPages.owns(request.path())) {
      vertx.setTimer(delay, fired -> guarded(request, body));
    } else {
      guarded(request, body);
    }
  }

  private void guarded(HttpServerRequest request, Buffer body) {
    try {
      answer(request, body);
    } catch (Refusal.Refused refused) {
      refuse(request, refused.refusal);
    } catch (RuntimeException broken) {
      LOG.log(Level.WARNING, "a simulated engine failed on " + request.path(), broken);
      refuse(request, Refusal.of(Refusal.Kind.INTERNAL, "the simulation failed"));
    }
  }

  private void answer(HttpServerRequest request, Buffer body) {
    String path = request.path();
    if (ControlPages.owns(path)) {
      Replies.send(request.response(), control.answer(request, body));
      return;
    }
    log.add(request, body);
    String endpoint = request.method().name() + " " + path;
    SimRoute route = routes.get(endpoint);
    // Unknown paths share one name: a client's inventions must not grow the table.
    engine.counters().asked(route == null ? "other" : endpoint);
    Reply notReady = engine.faults().notReady() ? dialect.notReady(path) : null;
    if (notReady != null) {
      Replies.send(request.response(), notReady);
    } else if (!authorised(request)) {
      refuse(request, Refusal.of(Refusal.Kind.UNAUTHORIZED, "Invalid API Key"));
    } else if (route == null) {
      refuse(request, unknown(path));
    } else {
      answer(request, body, route);
    }
  }

  private void answer(HttpServerRequest request, Buffer body, SimRoute route) {
    if (route instanceof SimRoute.Page page) {
      int delay = page.load() ? engine.faults().gaugesDelayMs() : 0;
      if (delay > 0) {
        vertx.setTimer(delay, fired -> send(request, page));
      } else {
        send(request, page);
      }
    } else if (route instanceof SimRoute.Question question) {
      Replies.send(request.response(), question.answerer().of(json(body)));
    } else if (route instanceof SimRoute.Reading reading) {
      JsonObject asked =
          reading.multipart()
              ? MultipartForm.read(String.valueOf(request.getHeader("content-type")), body)
              : json(body);
      generations.read(request, reading.reader().read(asked));
    } else if (route instanceof SimRoute.Generating generating) {
      generations.generate(request, generating.form(), json(body));
    }
  }

  private void send(HttpServerRequest request, SimRoute.Page page) {
    Replies.send(request.response(), page.source().of(engine.view(), request));
  }

  private Refusal unknown(String path) {
    for (String known : routes.keySet()) {
      if (known.substring(known.indexOf(' ') + 1).equals(path)) {
        return Refusal.of(Refusal.Kind.METHOD_NOT_ALLOWED, "Method Not Allowed");
      }
    }
    return Refusal.of(Refusal.Kind.NOT_FOUND, "Not Found");
  }

  private boolean authorised(HttpServerRequest request) {
    String key = engine.options().apiKey();
    if (key == null || !dialect.guarded(request.path())) {
      return true;
    }
    String bearer = request.getHeader("authorization");
    return ("Bearer " + key).equals(bearer)
        || (engine.options().engine().equals("llamacpp")
            && key.equals(request.getHeader("x-api-key")));
  }

  private void refuse(HttpServerRequest request, Refusal refusal) {
    engine.counters().refused.increment();
    Replies.send(request.response(), dialect.refusal(refusal, request.path()));
  }

  private static JsonObject json(Buffer body) {
    try {
      return new JsonObject(body);
    } catch (DecodeException | ClassCastException unreadable) {
      throw new Refusal.Refused(Refusal.of(Refusal.Kind.BAD_JSON, "the body is not a JSON object"));
    }
  }
}
