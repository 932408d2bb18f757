package dev.headrace.loadtest.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What clients ask: a law of arrivals and laws of lengths. Draws come from split sources, so that a
 * change of one law leaves the others as they were.
 *
 * @param burst shape of the gamma law of the gaps: 1 is Poisson, less is burstier
 */
record Workload(
    String name,
    LengthLaw prompt,
    LengthLaw output,
    double meanPrompt,
    double meanOutput,
    double burst) {

  static final Workload CONVERSATION =
      new Workload(
          "azure-conversation",
          LengthLaw.AZURE_CONVERSATION_IN,
          LengthLaw.AZURE_CONVERSATION_OUT,
          1147,
          210,
          1);

  static final Workload CODE =
      new Workload(
          "azure-code, bursty", LengthLaw.AZURE_CODE_IN, LengthLaw.AZURE_CODE_OUT, 2061, 29, 0.25);

  /** Bytes per token vary from prompt to prompt: the deviation of their logarithm. */
  private static final double BYTES_SIGMA = 0.15;

  /** Requests in the order of their arrival, at a mean rate per second. */
  List<LabRequest> draw(int count, double rate, long seed) {
    SplittableRandom root = new SplittableRandom(seed);
    SplittableRandom gaps = root.split();
    SplittableRandom prompts = root.split();
    SplittableRandom outputs = root.split();
    SplittableRandom texts = root.split();
    List<LabRequest> requests = new ArrayList<>(count);
    double time = 0;
    for (int i = 0; i < count; i++) {
      time += gamma(gaps) / (burst * rate);
      int tokens = prompt.draw(prompts);
      int bytes = Math.max(1, (int) (tokens * 4.4 * Math.exp(BYTES_SIGMA * texts.nextGaussian())));
      requests.add(new LabRequest(i, time, tokens, output.draw(outputs), bytes, new long[0]));
    }
    return requests;
  }

  /**
   * Gamma of shape {@code burst} and scale 1 (Marsaglia and Tsang 2000, with their boost for shapes
   * below 1).
   */
  private double gamma(SplittableRandom random) {
    if (burst == 1) {
      return -Math.log(1 - random.nextDouble());
    }
    double shape = burst < 1 ? burst + 1 : burst;
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = 1 + c * x;
      if (v <= 0) {
        continue;
      }
      v = v * v * v;
      double u = 1 - random.nextDouble();
      if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
        double boost = burst < 1 ? Math.pow(1 - random.nextDouble(), 1 / burst) : 1;
        return d * v * boost;
      }
    }
  }
}
