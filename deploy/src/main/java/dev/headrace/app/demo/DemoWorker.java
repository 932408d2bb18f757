package dev.headrace.app.demo;

import dev.headrace.worker.sim.CostParameters;
import dev.headrace.worker.sim.SimOptions;
import java.util.List;

/**
 * One simulated worker of the demo.
 *
 * @param stepMillis time of one decode step: a stream gets about {@code 1000 / stepMillis} tokens
 *     per second
 * @param slots streams that it computes at the same time
 */
record DemoWorker(String id, String engine, String model, double stepMillis, int slots) {
  static final String BIG_MODEL = "llama-8b";
  static final String SMALL_MODEL = "qwen-1.5b";
  static final int ANSWER_TOKENS = 40;

  /** Two models on unequal workers of three engines. */
  static final List<DemoWorker> FLEET =
      List.of(
          new DemoWorker("gpu-new", "vllm", BIG_MODEL, 11, 16),
          new DemoWorker("gpu-old", "tgi", BIG_MODEL, 28, 6),
          new DemoWorker("desk", "llamacpp", SMALL_MODEL, 16, 10),
          new DemoWorker("laptop", "llamacpp", SMALL_MODEL, 40, 4));

  SimOptions options(int number) {
    CostParameters cost =
        CostParameters.standard()
            .withPrefill(60_000 / stepMillis)
            .withStep(stepMillis, stepMillis / 60)
            .withSlots(slots)
            .withJitter(0.1);
    return SimOptions.of(engine)
        .withName(id)
        .withModels(model)
        .withSeed(number)
        .withCost(cost)
        .withOutputTokens(ANSWER_TOKENS, 0.25);
  }

  long tokensPerSecond() {
    return Math.round(1000 / stepMillis);
  }
}
