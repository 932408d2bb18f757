package dev.headrace.router.fleet;

import static dev.headrace.router.fleet.FleetRig.eventually;
import static dev.headrace.router.fleet.FleetRig.result;
import static dev.headrace.router.fleet.FleetRig.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.Ending;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.balance.LeastLoadPolicy;
import dev.headrace.router.balance.OutlierSettings;
import dev.headrace.router.balance.Outliers;
import dev.headrace.router.balance.Picker;
import dev.headrace.router.balance.RequestBook;
import dev.headrace.router.observe.OutlierMeters;
import dev.headrace.router.observe.RouterMeters;
import dev.headrace.worker.Endpoint;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Adapters come and go by the thousand: what is held by their names goes, too, after a while. */
final class VanishedModelsLeaveNothingTest {
  private static final long WHILE = TimeUnit.MINUTES.toNanos(11);

  private final FleetRig rig = new FleetRig();
  private final FleetRig.Hand source = new FleetRig.Hand("consul");
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final RouterMeters meters = new RouterMeters(registry);
  private final RequestBook book = new RequestBook();
  private FleetDirectory fleet;

  @BeforeEach
  void start() {
    OutlierSettings atOnce =
        new OutlierSettings(
            1,
            0,
            5,
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            0.5,
            Duration.ZERO);
    rig.outliers = new Outliers(atOnce, System::nanoTime, InstantSource.system(), new Random(1));
    fleet = rig.started(source);
    new OutlierMeters(registry, rig.outliers, fleet);
    fleet.onTidy(names -> book.keepOnly(names.models()));
    fleet.onTidy(names -> meters.keepOnly(names.models()));
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private void serve(List<String> models) {
    source.report(spec("consul", "a", 9001, models.toArray(String[]::new)));
    eventually(() -> assertThat(fleet.current().pools().keySet()).isEqualTo(Set.copyOf(models)));
    // What follows a publication has run, too, before the clock goes on.
    result(fleet.mark("nobody", live -> {}));
  }

  private Worker worker() {
    return fleet.current().workers().get("consul/a");
  }

  /** A request that leaves its mark wherever requests do. */
  private void request(String model) {
    Lease<Worker> lease =
        new Picker(new Random(1), System::nanoTime)
            .pick(
                fleet.current().resolve(model).workers(),
                worker -> true,
                new LeastLoadPolicy(),
                Demand.TYPICAL);
    lease.close(Ending.FAILED);
    settle(model);
  }

  private void settle(String model) {
    book.learn(model, 400, 100, 50);
    meters.of(Endpoint.CHAT, model).queueWait(1, Priority.MEDIUM);
    meters.of(Endpoint.CHAT, model).over(200, "completed", 1_000_000);
  }

  private record Sizes(int book, int ledger, int accounts, int pools, int registry) {}

  private Sizes sizes() {
    return new Sizes(
        book.models(),
        worker().ledger().models(),
        worker().live().outliers().size(),
        rig.outliers.pools().size(),
        registry.getMeters().size());
  }

  @Test
  void tenThousandModelsThatCameAndWent() {
    serve(List.of("base"));
    request("base");
    meters.of(Endpoint.CHAT, RouterMeters.UNKNOWN).over(404, "refused", 1);
    Sizes before = sizes();

    for (int batch = 0; batch < 20; batch++) {
      List<String> models = new ArrayList<>(List.of("base"));
      for (int i = 0; i < 500; i++) {
        models.add("adapter-" + batch + "-" + i);
      }
      serve(models);
      models.subList(1, models.size()).forEach(this::request);
    }
    serve(List.of("base"));
    Sizes most = sizes();
    assertThat(most.book()).isBetween(before.book() + 500, before.book() + 6_000);
    assertThat(most.registry()).isGreaterThan(before.registry() + 500);

    rig.ahead.addAndGet(WHILE);
    result(fleet.tidy());
    assertThat(sizes()).isEqualTo(before);
    assertThat(registry.scrape()).doesNotContain("adapter-").contains("model=\"base\"");

    // Requests that end after their model was forgotten are forgotten with the next telling.
    settle("adapter-0-0");
    result(fleet.tidy());
    assertThat(sizes()).isEqualTo(before);
  }

  @Test
  void aModelThatComesBackSoonHasItsCounts() {
    serve(List.of("base", "adapter"));
    request("adapter");
    double learned = book.expect("adapter", 1000, -1).promptTokens();
    serve(List.of("base"));
    rig.ahead.addAndGet(TimeUnit.MINUTES.toNanos(9));
    result(fleet.tidy());
    serve(List.of("base", "adapter"));
    request("adapter");

    rig.ahead.addAndGet(WHILE);
    result(fleet.tidy());
    assertThat(registry.get("headrace.requests").tag("model", "adapter").counter().count())
        .isEqualTo(2);
    assertThat(registry.get("headrace.ejections").tag("model", "adapter").counter().count())
        .isGreaterThanOrEqualTo(1);
    assertThat(book.expect("adapter", 1000, -1).promptTokens()).isGreaterThanOrEqualTo(learned);
  }
}
