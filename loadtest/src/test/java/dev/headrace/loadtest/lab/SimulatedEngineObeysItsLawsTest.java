package dev.headrace.loadtest.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The laboratory's engine does what its class comment says, so that its figures can be followed by
 * hand.
 */
final class SimulatedEngineObeysItsLawsTest {
  private static final EngineModel MODEL =
      new EngineModel(1, 0.01, 0.001, 0.000_1, 500, 4, 1000, 16);

  private final List<LabRequest> ended = new ArrayList<>();
  private final LabWorker worker =
      new LabWorker(
          0,
          MODEL,
          new LabWorker.Listener() {
            @Override
            public void firstToken(LabRequest request, double now) {
              request.firstToken = now;
            }

            @Override
            public void tokens(LabRequest request, int count, double now) {}

            @Override
            public void finished(LabRequest request, double now) {
              request.finished = now;
              ended.add(request);
            }
          });

  private static LabRequest request(int id, int prompt, int output, long... blocks) {
    return new LabRequest(id, 0, prompt, output, prompt * 4, blocks);
  }

  private void runOut() {
    while (!Double.isNaN(worker.planEnd())) {
      worker.complete(worker.planEnd());
    }
  }

  @Test
  void aPromptIsPrefilledInChunksAndThenDecodedTokenByToken() {
    LabRequest one = request(1, 1200, 11);
    worker.accept(one, 0);
    runOut();
    // Three steps of 500, 500 and 200 tokens, then ten steps of one sequence.
    assertThat(one.firstToken).isCloseTo(3 * 0.01 + 0.12, within(1e-9));
    assertThat(one.finished - one.firstToken).isCloseTo(10 * 0.011, within(1e-9));
  }

  @Test
  void aSecondPromptWaitsForTheFirstAndSlowsItsDecoding() {
    LabRequest one = request(1, 500, 3);
    LabRequest two = request(2, 500, 1);
    worker.accept(one, 0);
    worker.accept(two, 0);
    runOut();
    assertThat(one.firstToken).isCloseTo(0.06, within(1e-9));
    assertThat(two.firstToken).isCloseTo(0.06 + 0.061, within(1e-9));
    assertThat(one.finished).isCloseTo(0.06 + 0.061 + 0.011, within(1e-9));
  }

  @Test
  void whatDoesNotFitTheSlotsWaitsInTheEngine() {
    for (int i = 0; i < 6; i++) {
      worker.accept(request(i, 100, 50), 0);
    }
    worker.complete(worker.planEnd());
    assertThat(worker.running()).isEqualTo(4);
    assertThat(worker.waitingCount()).isEqualTo(2);
    runOut();
    assertThat(ended).hasSize(6);
    assertThat(worker.kvUsage()).isZero();
  }

  @Test
  void aPrefixThatWasComputedIsNotComputedAgain() {
    LabRequest first = request(1, 64, 2, 11, 12, 13, 14);
    worker.accept(first, 0);
    runOut();
    LabRequest second = request(2, 80, 2, 11, 12, 13, 14, 15);
    worker.accept(second, 10);
    runOut();
    assertThat(first.cachedTokens).isZero();
    assertThat(second.cachedTokens).isEqualTo(64);
  }
}
