package dev.headrace.loadtest.lab;

import static dev.headrace.loadtest.lab.LabReport.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The laboratory's engine with parameters fitted to a real one, to see what the model gets right.
 * Its three parameters come from requests that are alone and from equal streams side by side; what
 * it then says of mixed work can be compared with what the real engine did. Times in seconds.
 */
public final class EngineCheck {

  /** One request of mixed work; {@code at} counts from the beginning of the run. */
  public record Asked(double at, int promptTokens, int outputTokens) {}

  /** When its first and its last token came, from the beginning of the run. */
  public record Answered(double firstToken, double end) {}

  private final EngineModel model;

  private EngineCheck(EngineModel model) {
    this.model = model;
  }

  /**
   * Least squares: base and time per sequence from the gaps between tokens, time per prompt token
   * from prefills alone, after the base of their steps is taken off.
   *
   * @param prefills by prompt tokens, the time to the first token of a request that is alone
   * @param gaps by streams side by side, the mean gap between tokens of one; at least two entries
   * @param chunk prompt tokens that the engine takes into one step
   * @param slots streams that it runs side by side
   */
  public static EngineCheck fit(
      Map<Integer, Double> prefills, Map<Integer, Double> gaps, int chunk, int slots) {
    double count = gaps.size();
    double meanX = gaps.keySet().stream().mapToInt(n -> n).average().orElseThrow();
    double meanY = gaps.values().stream().mapToDouble(y -> y).average().orElseThrow();
    double xy = 0;
    double xx = 0;
    for (Map.Entry<Integer, Double> gap : gaps.entrySet()) {
      xy += (gap.getKey() - meanX) * (gap.getValue() - meanY);
      xx += (gap.getKey() - meanX) * (gap.getKey() - meanX);
    }
    if (count < 2 || xx == 0 || prefills.isEmpty()) {
      throw new IllegalArgumentException("too few measurements to fit");
    }
    double perSequence = Math.max(0, xy / xx);
    double base = Math.max(1e-6, meanY - perSequence * meanX);
    double ty = 0;
    double tt = 0;
    for (Map.Entry<Integer, Double> prefill : prefills.entrySet()) {
      double tokens = prefill.getKey();
      ty += tokens * (prefill.getValue() - base * Math.ceil(tokens / chunk));
      tt += tokens * tokens;
    }
    double perToken = Math.max(1e-9, ty / tt);
    return new EngineCheck(
        new EngineModel(1, base, perSequence, perToken, chunk, slots, 1_000_000, 16));
  }

  /** Time to the first token of a request that is alone. */
  public double prefill(int promptTokens) {
    return predict(List.of(new Asked(0, promptTokens, 1))).get(0).firstToken();
  }

  /** Gap between tokens with so many streams side by side. */
  public double gap(int streams) {
    return model.step(streams, 0);
  }

  /** The longest gap of one stream while such a prompt is prefilled beside it. */
  public double gapBeside(int promptTokens) {
    return model.step(1, Math.min(promptTokens, model.chunk()));
  }

  /** What becomes of mixed work, in the order in which it was asked. */
  public List<Answered> predict(List<Asked> work) {
    List<LabRequest> requests = new ArrayList<>();
    for (int i = 0; i < work.size(); i++) {
      Asked asked = work.get(i);
      requests.add(
          new LabRequest(
              i, asked.at(), asked.promptTokens(), asked.outputTokens(), 1, new long[0]));
    }
    LabWorker worker = new LabWorker(0, model, new Stamps());
    List<LabRequest> inOrder = new ArrayList<>(requests);
    inOrder.sort(Comparator.comparingDouble(request -> request.arrival));
    int next = 0;
    while (next < inOrder.size() || !Double.isNaN(worker.planEnd())) {
      double end = worker.planEnd();
      if (next < inOrder.size() && !(inOrder.get(next).arrival > end)) {
        LabRequest request = inOrder.get(next++);
        worker.accept(request, request.arrival);
      } else {
        worker.complete(end);
      }
    }
    return requests.stream().map(r -> new Answered(r.firstToken, r.finished)).toList();
  }

  /** The fitted parameters in words. */
  public String parameters() {
    return text(
        "T(n, c) = %.3f ms + %.3f ms · n + %.4f ms · c, at most %d prompt tokens in one step, %d"
            + " slots",
        1e3 * model.base(),
        1e3 * model.perSequence(),
        1e3 * model.perPrefillToken(),
        model.chunk(),
        model.slots());
  }

  private static final class Stamps implements LabWorker.Listener {
    @Override
    public void firstToken(LabRequest request, double now) {
      request.firstToken = now;
    }

    @Override
    public void tokens(LabRequest request, int count, double now) {}

    @Override
    public void finished(LabRequest request, double now) {
      request.finished = now;
    }
  }
}
