package dev.headrace.router.fleet;

import static dev.headrace.router.fleet.FleetRig.eventually;
import static dev.headrace.router.fleet.FleetRig.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every fleet source promises to the directory. */
public abstract class FleetSourceContract {
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final List<List<WorkerSpec>> reports = Collections.synchronizedList(new ArrayList<>());
  private final List<Context> contexts = Collections.synchronizedList(new ArrayList<>());
  private FleetSource source;

  /** A source that knows no worker yet. */
  protected abstract FleetSource create(Vertx vertx);

  /** Makes the source list exactly these workers, each serving model {@code m}. */
  protected abstract void list(String... ids);

  /** The address that {@link #list} gives a worker. */
  protected static String url(String id) {
    return "http://127.0.0.1:" + (20_000 + id.charAt(0));
  }

  @AfterEach
  void close() {
    if (source != null) {
      result(source.stop());
    }
    result(vertx.close());
  }

  private void start() {
    source = create(vertx);
    result(
        Future.<Void>future(
            promise ->
                context.runOnContext(
                    v ->
                        source
                            .start(
                                workers -> {
                                  contexts.add(Vertx.currentContext());
                                  reports.add(workers);
                                })
                            .onComplete(promise))));
  }

  private List<String> lastIds() {
    return reports.isEmpty()
        ? null
        : reports.get(reports.size() - 1).stream().map(WorkerSpec::id).sorted().toList();
  }

  @Test
  void startSucceedsAndTheFirstListIsReported() {
    start();
    eventually(() -> assertThat(lastIds()).isEmpty());
  }

  @Test
  void eachChangeReportsTheWholeList() {
    start();
    list("a");
    eventually(() -> assertThat(lastIds()).containsExactly("a"));
    list("a", "b");
    eventually(() -> assertThat(lastIds()).containsExactly("a", "b"));
    list("b");
    eventually(() -> assertThat(lastIds()).containsExactly("b"));
    list();
    eventually(() -> assertThat(lastIds()).isEmpty());
  }

  @Test
  void workersCarryTheSourcesNameTheirAddressAndTheirModels() {
    start();
    list("a");
    eventually(() -> assertThat(lastIds()).containsExactly("a"));
    WorkerSpec spec = reports.get(reports.size() - 1).get(0);
    assertThat(spec.source()).isEqualTo(source.name());
    assertThat(spec.key()).isEqualTo(source.name() + "/a");
    assertThat(spec.address().url()).isEqualTo(url("a"));
    assertThat(spec.models()).extracting(model -> model.id()).containsExactly("m");
    assertThat(spec.drain()).isFalse();
    assertThat(spec.down()).isFalse();
  }

  @Test
  void reportsComeOnTheContextThatCalledStart() {
    start();
    list("a");
    eventually(() -> assertThat(lastIds()).containsExactly("a"));
    assertThat(contexts).containsOnly(context);
  }

  @Test
  void afterStopNothingIsReportedAndASecondStopDoesNoHarm() {
    start();
    eventually(() -> assertThat(reports).isNotEmpty());
    result(source.stop());
    int before = reports.size();
    list("a");
    result(source.stop());
    assertThat(reports).hasSize(before);
  }
}
