package dev.headrace.router.admin;

import dev.headrace.router.admin.Operation.Answer;
import dev.headrace.router.admin.Operation.Reply;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.EmbeddedRegistry;
import dev.headrace.router.fleet.EngineCatalog;
import dev.headrace.router.fleet.FleetDirectory;
import dev.headrace.router.fleet.Registration;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.fleet.WorkerStatus;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Workers over HTTP: they register and give signs of life; operators list them, drain them, take
 * them out and put them back. In a path, a worker is named by its id, its key ({@code source/id},
 * with the slash escaped) or its public id.
 */
final class WorkerOperations {
  private static final String PATH = "/admin/v1/workers";
  private static final String ONE = PATH + "/{id}";
  private static final Answer INVALID =
      new Answer("The body is wrong; param names the field", "Error");
  private static final Answer UNKNOWN = new Answer("No such worker", "Error");
  private static final Answer NO_REGISTRY =
      new Answer("The embedded registry is not in use, or the worker is not its own", "Error");

  private final FleetDirectory fleet;
  private final @Nullable EmbeddedRegistry registry;
  private final RegistrationReader reader;
  private final LongSupplier clock;

  WorkerOperations(
      FleetDirectory fleet,
      @Nullable EmbeddedRegistry registry,
      EngineCatalog engines,
      LongSupplier clock) {
    this.fleet = fleet;
    this.registry = registry;
    this.reader = new RegistrationReader(engines);
    this.clock = clock;
  }

  List<Operation> all() {
    List<Operation> all = new ArrayList<>();
    all.add(Operation.get(PATH, "listWorkers", "All workers and sources", "Workers", c -> list()));
    all.add(
        new Operation(
            HttpMethod.POST,
            PATH,
            "registerWorker",
            "Register a worker, or replace its registration",
            false,
            "Registration",
            Map.of(
                200,
                new Answer("An earlier registration was replaced", "Registered"),
                201,
                new Answer("Registered", "Registered"),
                400,
                INVALID,
                409,
                NO_REGISTRY),
            this::register));
    all.add(
        new Operation(
            HttpMethod.PUT,
            ONE + "/heartbeat",
            "heartbeat",
            "A sign of life of a registered worker",
            false,
            "Heartbeat",
            Map.of(
                200,
                new Answer("Noted", "Registered"),
                400,
                INVALID,
                404,
                new Answer("Not registered: register again", "Error"),
                409,
                NO_REGISTRY),
            this::heartbeat));
    all.add(
        new Operation(
            HttpMethod.DELETE,
            ONE,
            "removeWorker",
            "Remove a registered worker; its live streams finish",
            false,
            null,
            Map.of(204, new Answer("Removed", null), 404, UNKNOWN, 409, NO_REGISTRY),
            this::remove));
    all.add(
        marking(
            "drain", "No new request; live streams finish", live -> live.drainedByOperator(true)));
    all.add(marking("undrain", "Take requests again", live -> live.drainedByOperator(false)));
    all.add(
        marking("eject", "No new request until unejected", live -> live.ejectedByOperator(true)));
    all.add(marking("uneject", "Take requests again", WorkerOperations::uneject));
    return all;
  }

  /** What requests told of it is forgotten, too: the operator knows better. */
  private static void uneject(Worker.Live live) {
    live.ejectedByOperator(false);
    live.pardon();
  }

  private Operation marking(String verb, String summary, Consumer<Worker.Live> change) {
    return new Operation(
        HttpMethod.POST,
        ONE + "/" + verb,
        verb + "Worker",
        summary,
        false,
        null,
        Map.of(
            200, new Answer("The worker as it is now", "Worker"),
            400, new Answer("The name fits several workers", "Error"),
            404, UNKNOWN,
            409, new Answer("Another worker stands for it", "Error")),
        context -> mark(context.pathParam("id"), change));
  }

  private Future<Reply> list() {
    return fleet
        .workers()
        .map(
            workers -> {
              long now = clock.getAsLong();
              JsonArray rows = new JsonArray();
              workers.forEach(worker -> rows.add(WorkerJson.worker(worker, now)));
              JsonArray sources = new JsonArray();
              fleet.sources().forEach(source -> sources.add(WorkerJson.source(source)));
              return Reply.json(
                  200,
                  new JsonObject()
                      .put("workers", rows)
                      .put("sources", sources)
                      .put("snapshot_version", fleet.current().version()));
            });
  }

  private Future<Reply> register(RoutingContext context) {
    EmbeddedRegistry own = registry();
    Registration registration = reader.registration(body(context));
    return own.register(registration)
        .map(replaced -> Reply.json(replaced ? 200 : 201, registered(registration.id(), own)));
  }

  private Future<Reply> heartbeat(RoutingContext context) {
    EmbeddedRegistry own = registry();
    String id = context.pathParam("id");
    return own.heartbeat(id, reader.beat(body(context)))
        .map(
            known -> {
              if (!known) {
                throw unknown(id);
              }
              return Reply.json(200, registered(id, own));
            });
  }

  private Future<Reply> remove(RoutingContext context) {
    return find(context.pathParam("id"))
        .compose(
            worker -> {
              if (registry == null || !worker.spec().source().equals(EmbeddedRegistry.NAME)) {
                throw new AdminRefusal(
                    ErrorCode.CONFLICT,
                    "worker '"
                        + worker.spec().id()
                        + "' comes from the "
                        + worker.spec().source()
                        + " source: remove it there, or eject it here",
                    "id");
              }
              return registry.deregister(worker.spec().id()).map(ignored -> Reply.nothing());
            });
  }

  private Future<Reply> mark(String name, Consumer<Worker.Live> change) {
    return find(name)
        .compose(
            worker -> {
              if (worker.live() == null) {
                throw new AdminRefusal(
                    ErrorCode.CONFLICT,
                    "worker '" + worker.spec().key() + "' has the " + worker.reason(),
                    "id");
              }
              return fleet.mark(worker.spec().key(), change);
            })
        .compose(
            known -> {
              if (!known) {
                throw unknown(name);
              }
              return find(name);
            })
        .map(worker -> Reply.json(200, WorkerJson.worker(worker, clock.getAsLong())));
  }

  private Future<WorkerStatus> find(String name) {
    return fleet
        .workers()
        .map(
            workers -> {
              List<WorkerStatus> named =
                  workers.stream().filter(worker -> isNamed(worker, name)).toList();
              if (named.isEmpty()) {
                throw unknown(name);
              }
              if (named.size() > 1) {
                throw new AdminRefusal(
                    ErrorCode.INVALID_PARAMETER,
                    "several workers have the id '"
                        + name
                        + "': name one by its key, with %2F for the slash: "
                        + String.join(
                            ", ", named.stream().map(worker -> worker.spec().key()).toList()),
                    "id");
              }
              return named.get(0);
            });
  }

  private static boolean isNamed(WorkerStatus worker, String name) {
    return worker.spec().id().equals(name)
        || worker.spec().key().equals(name)
        || worker.publicId().equals(name);
  }

  private static AdminRefusal unknown(String name) {
    return new AdminRefusal(ErrorCode.UNKNOWN_WORKER, "no worker '" + name + "'", "id");
  }

  private EmbeddedRegistry registry() {
    if (registry == null) {
      throw new AdminRefusal(
          ErrorCode.CONFLICT,
          "workers cannot register: the embedded registry is not in use (fleet.embedded)",
          null);
    }
    return registry;
  }

  private static JsonObject registered(String id, EmbeddedRegistry registry) {
    return new JsonObject().put("id", id).put("ttl_ms", registry.ttl().toMillis());
  }

  private static @Nullable Buffer body(RoutingContext context) {
    return context.body().buffer();
  }
}
