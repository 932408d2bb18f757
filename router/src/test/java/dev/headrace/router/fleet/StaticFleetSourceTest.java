package dev.headrace.router.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.Secret;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Workers from the configuration file. */
final class StaticFleetSourceTest extends FleetSourceContract {
  private StaticFleetSource source;

  @Override
  protected FleetSource create(Vertx vertx) {
    source = new StaticFleetSource(List.of());
    return source;
  }

  @Override
  protected void list(String... ids) {
    source.update(
        Stream.of(ids)
            .map(
                id ->
                    new HeadraceConfig.StaticWorker(
                        id, url(id), null, List.of("m"), null, 1, Secret.of("key")))
            .toList());
  }

  @Test
  void theFirstCheckDecidesWhetherAStaticWorkerTakesRequests() {
    assertThat(new StaticFleetSource(List.of()).watchesHealth()).isFalse();
  }
}
