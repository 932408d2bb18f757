package dev.headrace.router.admin;

import dev.headrace.router.balance.OutlierView;
import dev.headrace.router.fleet.Worker;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** How the admin API shows that a worker is ejected from pools, on trial or starts slowly. */
final class OutlierJson {
  private OutlierJson() {}

  /** One entry for each pool in which there is something to tell. */
  static JsonArray of(Worker.@Nullable Live live) {
    JsonArray all = new JsonArray();
    if (live != null) {
      live.outliers().stream()
          .map(outlier -> outlier.view())
          .filter(view -> !view.plain())
          .sorted(Comparator.comparing(OutlierView::model))
          .forEach(view -> all.add(of(view)));
    }
    return all;
  }

  private static JsonObject of(OutlierView view) {
    return new JsonObject()
        .put("model", view.model())
        .put("state", view.state())
        .put("reason", view.why())
        .put("ejections", view.ejections())
        .put("ms_left", view.millisLeft())
        .put("trial_under_way", view.trialUnderWay())
        .put("ignored_in_panic", view.ignored())
        .put("weight_share", view.share());
  }
}
