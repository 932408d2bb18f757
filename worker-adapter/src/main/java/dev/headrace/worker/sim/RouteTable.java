package dev.headrace.worker.sim;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Collects the paths of a dialect. Confined to its construction. */
final class RouteTable {
  private final Map<String, SimRoute> routes = new LinkedHashMap<>();

  /** GET paths that tell what the engine is. */
  RouteTable page(Function<EngineView, Reply> page, String... paths) {
    return add("GET ", SimRoute.Page.of((view, request) -> page.apply(view)), paths);
  }

  /** GET paths that show load figures. */
  RouteTable load(SimRoute.Page.Source page, String... paths) {
    return add("GET ", SimRoute.Page.ofLoad(page), paths);
  }

  /** POST paths that cost no engine time. */
  RouteTable question(SimRoute.Question.Answerer answerer, String... paths) {
    return add("POST ", new SimRoute.Question(answerer), paths);
  }

  /** POST paths whose text the engine reads. */
  RouteTable reading(Function<JsonObject, SimRoute.Reading.Read> reader, String... paths) {
    return add("POST ", new SimRoute.Reading(reader::apply, false), paths);
  }

  /** The same for multipart forms. */
  RouteTable form(Function<JsonObject, SimRoute.Reading.Read> reader, String... paths) {
    return add("POST ", new SimRoute.Reading(reader::apply, true), paths);
  }

  /** POST paths that generate text. */
  RouteTable generating(AnswerForm form, String... paths) {
    return add("POST ", new SimRoute.Generating(form), paths);
  }

  Map<String, SimRoute> routes() {
    return routes;
  }

  private RouteTable add(String method, SimRoute route, String... paths) {
    for (String path : paths) {
      routes.put(method + path, route);
    }
    return this;
  }
}
