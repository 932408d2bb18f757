package dev.headrace.app.real;

import dev.headrace.loadtest.lab.EngineCheck;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Times of a real llama-server's tokens. Prompts are token ids, so their length is exact, and none
 * is answered from the prompt cache. Times in seconds.
 */
final class EngineMeasurement implements AutoCloseable {
  /** Word tokens of {@link TinyModel} begin beyond control, byte and character tokens. */
  private static final int FIRST_WORD = 360;

  private static final int WORDS = 40;

  /**
   * One answer.
   *
   * @param asked when it was sent, monotonic
   * @param tokens when each token came, monotonic
   */
  record Timed(double asked, List<Double> tokens) {
    double ttft() {
      return tokens.get(0) - asked;
    }

    double end() {
      return tokens.get(tokens.size() - 1);
    }

    /** Mean gap from one token to another. */
    double meanGap(int from, int to) {
      return (tokens.get(to) - tokens.get(from)) / (to - from);
    }
  }

  private final Caller caller;
  private final ScheduledExecutorService clients = Executors.newScheduledThreadPool(48);

  EngineMeasurement(LlamaServer server) {
    this.caller = server.caller();
  }

  static double now() {
    return System.nanoTime() * 1e-9;
  }

  /** Asks, and reads to the end. */
  Timed ask(int promptTokens, int outputTokens, int variant) throws IOException {
    String prompt =
        IntStream.range(0, promptTokens)
            .mapToObj(i -> String.valueOf(FIRST_WORD + (i * 7 + variant * 13) % WORDS))
            .collect(Collectors.joining(","));
    String request =
        "{\"prompt\":[%s],\"n_predict\":%d,\"stream\":true,\"cache_prompt\":false,\"ignore_eos\":true}"
            .formatted(prompt, outputTokens);
    try {
      return read(request, promptTokens, outputTokens);
    } catch (IOException closed) {
      // A kept connection that the server closed in this moment; it saw nothing of the request.
      return read(request, promptTokens, outputTokens);
    }
  }

  private Timed read(String request, int promptTokens, int outputTokens) throws IOException {
    double asked = now();
    HttpResponse<InputStream> response = caller.open("/completion", request);
    List<Double> tokens = new ArrayList<>();
    try (SseReader events = new SseReader(response.body())) {
      for (var event = events.next(); event != null; event = events.next()) {
        if (event.path("stop").asBoolean()) {
          int evaluated = event.at("/timings/prompt_n").asInt();
          if (evaluated != promptTokens || event.path("tokens_predicted").asInt() != outputTokens) {
            throw new AssertionError("not what was asked for: " + event);
          }
        } else {
          tokens.add(now());
        }
      }
    }
    if (tokens.size() < 0.9 * outputTokens) {
      throw new AssertionError(
          "status " + response.statusCode() + ", " + tokens.size() + " events with tokens");
    }
    return new Timed(asked, tokens);
  }

  /** Equal streams side by side. */
  List<Timed> sideBySide(int streams, int promptTokens, int outputTokens) throws Exception {
    List<Callable<Timed>> asks = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      int variant = i;
      asks.add(() -> ask(promptTokens, outputTokens, variant));
    }
    List<Timed> answers = new ArrayList<>();
    for (Future<Timed> one : clients.invokeAll(asks, 60, TimeUnit.SECONDS)) {
      answers.add(one.get());
    }
    return answers;
  }

  /** Asks at the moments that the work says, whatever is under way. */
  List<Timed> play(List<EngineCheck.Asked> work) throws Exception {
    List<Future<Timed>> answers = new ArrayList<>();
    for (int i = 0; i < work.size(); i++) {
      EngineCheck.Asked one = work.get(i);
      int variant = i;
      answers.add(
          clients.schedule(
              () -> ask(one.promptTokens(), one.outputTokens(), variant),
              (long) (one.at() * 1e9),
              TimeUnit.NANOSECONDS));
    }
    List<Timed> all = new ArrayList<>();
    for (Future<Timed> answer : answers) {
      all.add(answer.get(120, TimeUnit.SECONDS));
    }
    return all;
  }

  ScheduledExecutorService clients() {
    return clients;
  }

  static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  @Override
  public void close() {
    clients.shutdownNow();
  }
}
