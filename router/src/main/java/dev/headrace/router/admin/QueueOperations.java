package dev.headrace.router.admin;

import dev.headrace.router.admin.Operation.Reply;
import dev.headrace.router.admission.QueueState;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Supplier;

/** The requests that wait for a place, by model. */
public final class QueueOperations {
  private QueueOperations() {}

  /** Shows the lines; {@code queues} is asked on the admin port's loop. */
  public static Operation list(Supplier<List<QueueState>> queues) {
    return Operation.get(
        "/admin/v1/queue",
        "listQueues",
        "Requests that wait for a place, by model and class",
        "Queues",
        context -> Future.succeededFuture(Reply.json(200, json(queues.get()))));
  }

  private static JsonObject json(List<QueueState> queues) {
    JsonArray all = new JsonArray();
    for (QueueState queue : queues) {
      JsonObject classes = new JsonObject();
      queue
          .classes()
          .forEach(
              part ->
                  classes.put(
                      part.priority().label(),
                      new JsonObject()
                          .put("depth", part.depth())
                          .put("tokens", Math.round(part.tokens()))));
      all.add(
          new JsonObject()
              .put("model", queue.model())
              .put("depth", queue.depth())
              .put("tokens", Math.round(queue.tokens()))
              .put("oldest_ms", Math.round(queue.oldestSeconds() * 1_000))
              .put("per_second", Double.isNaN(queue.perSecond()) ? null : queue.perSecond())
              .put("predicted_wait_ms", Math.round(queue.predictedWaitSeconds() * 1_000))
              .put("retry_after_ms", queue.retryAfterMillis())
              .put("classes", classes));
    }
    return new JsonObject().put("queues", all);
  }
}
