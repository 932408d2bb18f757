package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.worker.sim.SimOptions;
import dev.headrace.worker.sim.SimulatedWorker;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Consul may go away: the packaged router and its agents live on, and find back to it. */
@NeedsParts(RealPart.CONSUL)
class ConsulLossIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Test
  void workersComeBackToAnEmptyConsulAndARestartedRouterServesWithoutIt() {
    try (SimFleet engines = new SimFleet();
        ConsulAgent consul = ConsulAgent.start()) {
      SimulatedWorker first = engines.add(SimOptions.of("vllm").withModels("m").instant());
      SimulatedWorker second = engines.add(SimOptions.of("llamacpp").withModels("m").instant());
      String settings =
          "fleet: { consul: { address: \"%s\" }, state-file: fleet.json }\n"
              .formatted(consul.address());
      try (WorkerAgent one = WorkerAgent.start("one", first.url(), consul);
          WorkerAgent two = WorkerAgent.start("two", second.url(), consul);
          RouterProcess router = RouterProcess.start(settings)) {
        await().atMost(LIMIT).until(() -> served(router, first) && served(router, second));

        consul.kill();
        for (int number = 0; number < 10; number++) {
          assertThat(chat(router).status()).as("served while Consul is away").isEqualTo(200);
        }
        router.restart();
        await("the restarted router serves from disk")
            .atMost(LIMIT)
            .until(() -> served(router, first) && served(router, second));

        consul.restartEmpty();
        await("the agents register again")
            .atMost(LIMIT)
            .until(() -> consul.services().contains("one") && consul.services().contains("two"));
        await("the router hears of them from Consul")
            .atMost(LIMIT)
            .until(() -> served(router, first) && served(router, second));

        assertThat(one.alive()).as("the agent outlived Consul").isTrue();
        assertThat(two.stop()).isZero();
        await().atMost(LIMIT).until(() -> !consul.services().contains("two"));
        long before = SimFleet.requests(second);
        await().atMost(LIMIT).until(() -> workers(router) == 1);
        for (int number = 0; number < 10; number++) {
          assertThat(chat(router).status()).isEqualTo(200);
        }
        assertThat(SimFleet.requests(second)).isEqualTo(before);
      }
    }
  }

  private static Caller.Answer chat(RouterProcess router) {
    return router
        .caller()
        .post(
            "/v1/chat/completions",
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}");
  }

  /** Sends a request; true when it succeeded on this worker. */
  private static boolean served(RouterProcess router, SimulatedWorker worker) {
    long before = SimFleet.requests(worker);
    return chat(router).status() == 200 && SimFleet.requests(worker) > before;
  }

  private static int workers(RouterProcess router) {
    return router.admin().get("/admin/v1/workers").json().at("/workers").size();
  }
}
