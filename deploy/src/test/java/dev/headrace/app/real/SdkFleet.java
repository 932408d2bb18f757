package dev.headrace.app.real;

import dev.headrace.worker.sim.SimFaults;
import dev.headrace.worker.sim.SimOptions;
import dev.headrace.worker.sim.SimulatedWorker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * What every client library is run against: one router with a key, before a real llama-server
 * (model {@code real}, alias {@code gpt-4o-mini}) and simulated engines, one of which answers
 * ({@code simulated}) while the others misbehave as their models' names say ({@code always-429},
 * {@code always-503}, {@code dies-midway}). Started once for all suites of a test run.
 */
final class SdkFleet implements AutoCloseable {
  static final String KEY = "sk-suite-0123456789abcdef";

  private final SimFleet engines = new SimFleet();
  private final Map<String, SimulatedWorker> simulated = new LinkedHashMap<>();
  private final List<AutoCloseable> parts = new ArrayList<>();
  private final RouterProcess router;

  private SdkFleet() {
    try {
      LlamaServer real = LlamaServer.start(TinyModel.quick(), "real", 4, 2048);
      parts.add(real);
      simulate("simulated", SimFaults.NONE);
      simulate("always-429", SimFaults.with("fail_status", 429));
      simulate("always-503", SimFaults.with("fail_status", 503));
      simulate("dies-midway", SimFaults.with("die_after_tokens", 5));
      router = RouterProcess.start(settings(real), KEY);
      parts.add(0, router);
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /** Base URL of the router, without a path. */
  String url() {
    return router.url();
  }

  /** Requests that the worker of this model has taken in so far. */
  long requestsTo(String model) {
    SimulatedWorker worker = simulated.get(model);
    if (worker == null) {
      throw new IllegalArgumentException("no simulated worker for " + model);
    }
    return SimFleet.requests(worker);
  }

  private void simulate(String model, SimFaults faults) {
    simulated.put(
        model,
        engines.add(SimOptions.of("vllm").withName(model).withModels(model).withFaults(faults)));
  }

  private String settings(LlamaServer real) {
    StringBuilder yaml = new StringBuilder("fleet:\n  static:\n");
    yaml.append("    - { id: real, url: \"%s\" }\n".formatted(real.url()));
    simulated.forEach(
        (model, worker) ->
            yaml.append(
                "    - { id: %s, url: \"%s\", engine: vllm, models: [%s] }\n"
                    .formatted(model, worker.url(), model)));
    return yaml.append("models:\n  real: { aliases: [gpt-4o-mini] }\n").toString();
  }

  @Override
  public void close() {
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    engines.close();
  }

  /** Hands the one fleet of the run to test methods. */
  static final class Provider implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == SdkFleet.class;
    }

    @Override
    public SdkFleet resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.create(SdkFleet.class))
          .getOrComputeIfAbsent(SdkFleet.class, key -> new SdkFleet(), SdkFleet.class);
    }
  }
}
