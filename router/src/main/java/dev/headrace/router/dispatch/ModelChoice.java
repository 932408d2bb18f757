package dev.headrace.router.dispatch;

import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.FleetSnapshot;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.scan.BodyRefused;
import dev.headrace.worker.Endpoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the pool that a request's model name leads to. Pure. */
public final class ModelChoice {
  private ModelChoice() {}

  public static Pool choose(FleetSnapshot fleet, Endpoint endpoint, @Nullable String model)
      throws BodyRefused {
    if (model != null) {
      Pool pool = fleet.resolve(model);
      if (pool != null) {
        return pool;
      }
      throw new BodyRefused(ErrorCode.MODEL_NOT_FOUND, notFound(fleet, model), "model");
    }
    Pool only = needsNoModel(endpoint) ? onlyPool(fleet, endpoint) : null;
    if (only == null) {
      throw new BodyRefused(
          ErrorCode.MISSING_MODEL, "The request body must name a 'model'.", "model");
    }
    return only;
  }

  /** Native endpoints of engines that serve one model: their clients do not name it. */
  private static boolean needsNoModel(Endpoint endpoint) {
    return switch (endpoint) {
      case GENERATE, GENERATE_STREAM, TOKENIZE, DETOKENIZE, APPLY_TEMPLATE -> true;
      default -> false;
    };
  }

  private static @Nullable Pool onlyPool(FleetSnapshot fleet, Endpoint endpoint) {
    Pool found = null;
    for (Pool pool : fleet.pools().values()) {
      for (Worker worker : pool.workers()) {
        if (worker.engine().pathOf(endpoint) != null) {
          if (found != null && !found.equals(pool)) {
            return null;
          }
          found = pool;
        }
      }
    }
    return found;
  }

  private static String notFound(FleetSnapshot fleet, String model) {
    String shown = model.length() > 200 ? model.substring(0, 200) + "…" : model;
    List<String> close = CloseNames.of(model, fleet.pools().keySet(), fleet.aliases().keySet());
    if (close.isEmpty()) {
      return "The model '" + shown + "' does not exist.";
    }
    return "The model '"
        + shown
        + "' does not exist. Did you mean "
        + String.join(" or ", close.stream().map(name -> "'" + name + "'").toList())
        + "?";
  }
}
