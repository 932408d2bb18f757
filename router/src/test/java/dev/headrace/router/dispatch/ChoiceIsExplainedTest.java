package dev.headrace.router.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.Ending;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.balance.LeastLoadPolicy;
import dev.headrace.router.balance.Picker;
import dev.headrace.router.balance.Policies;
import dev.headrace.router.balance.ScoreParts;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import dev.headrace.worker.Endpoint;
import dev.headrace.worker.load.WorkerLoad;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whoever asks is told who could have been chosen, at which score, and who could not, and why. */
class ChoiceIsExplainedTest {
  private static final Demand DEMAND = new Demand(500, 100);

  private static Explanation explain(RouterKit kit, Endpoint endpoint, Set<String> tried) {
    Pool pool = new Pool("m", List.copyOf(kit.workers.values()));
    return kit.server.explainer().explain(pool, endpoint, tried, DEMAND);
  }

  private static Lease<Worker> occupy(Worker worker) {
    return new Picker(new Random(1), System::nanoTime)
        .pick(List.of(worker), w -> true, new LeastLoadPolicy(), DEMAND);
  }

  @Test
  void eachWorkerThatCannotBeChosenHasItsReason() throws Exception {
    try (RouterKit kit =
        new RouterKit()
            .worker("free", "vllm", "m", 1)
            .worker("tried", "vllm", "m", 2)
            .worker("drained", "vllm", "m", 3)
            .worker("other", "llamacpp", "m", 4)
            .worker("full", "vllm", "m", 5, 1, null)
            .start()) {
      kit.workers.get("drained").live().drainedByOperator(true);
      Lease<Worker> held = occupy(kit.workers.get("full"));
      Explanation seen = explain(kit, Endpoint.CLASSIFY, Set.of("static/tried"));
      Map<String, String> reasons =
          seen.workers().stream()
              .collect(
                  Collectors.toMap(w -> w.worker().spec().id(), w -> String.valueOf(w.barrier())));
      assertThat(reasons)
          .containsEntry("free", "null")
          .containsEntry("tried", "tried already")
          .containsEntry("drained", "draining")
          .containsEntry("other", "endpoint not served")
          .containsEntry("full", "full");
      assertThat(seen.best()).containsExactly(kit.workers.get("free"));
      held.close(Ending.IGNORED);
    }
  }

  @Test
  void thePartsAddUpToTheScoreAndShowWhatTheWorkerHas() throws Exception {
    try (RouterKit kit =
        new RouterKit().worker("busy", "vllm", "m", 1).worker("idle", "vllm", "m", 2).start()) {
      Worker busy = kit.workers.get("busy");
      occupy(busy).close(Ending.FAILED);
      Lease<Worker> held = occupy(busy);
      Explanation seen = explain(kit, Endpoint.CHAT, Set.of());
      Explanation.Seen loaded = seen.workers().get(0);
      ScoreParts parts = loaded.parts();
      assertThat(loaded.worker()).isSameAs(busy);
      assertThat(loaded.inFlight()).isEqualTo(1);
      assertThat(loaded.awaiting()).isEqualTo(1);
      assertThat(loaded.promptTokensQueued()).isEqualTo(500);
      assertThat(parts.charge()).isBetween(4.0, 5.0);
      assertThat(parts.score())
          .isCloseTo(
              (parts.ttft() + 0.1 * parts.pressure() + parts.kv() + parts.charge())
                  / parts.weight(),
              within(1e-9));
      assertThat(parts.score()).isGreaterThan(seen.workers().get(1).parts().score());
      assertThat(seen.best()).containsExactly(kit.workers.get("idle"));
      held.close(Ending.IGNORED);
    }
  }

  @Test
  void eachPolicyIsExplainedByItsOwnNumbersOrSaysInWordsWhatDecides() throws Exception {
    for (String policy : Policies.names()) {
      RouterKit build =
          new RouterKit()
              .worker("a", "vllm", "m", 1)
              .worker("b", "vllm", "m", 2)
              .worker("c", "vllm", "m", 3);
      build.options.policy = policy;
      try (RouterKit kit = build.start()) {
        Lease<Worker> first = occupy(kit.workers.get("a"));
        Lease<Worker> second = occupy(kit.workers.get("a"));
        Lease<Worker> third = occupy(kit.workers.get("b"));
        Explanation seen = explain(kit, Endpoint.CHAT, Set.of());
        String line = seen.line(kit.workers.get("c"));
        assertThat(seen.policy()).isEqualTo(policy);
        assertThat(line).startsWith(policy + "; prompt=500");
        switch (policy) {
          case "least-load", "peak-ewma", "session" -> {
            assertThat(seen.best()).as(policy).containsExactly(kit.workers.get("c"));
            assertThat(seen.undecided()).isNull();
          }
          case "least-requests" -> {
            assertThat(seen.best()).containsExactly(kit.workers.get("c"));
            assertThat(seen.workers())
                .extracting(Explanation.Seen::score)
                .containsExactly(3.0, 2.0, 1.0);
            assertThat(line).contains("scores=w-c:1.0000,w-b:2.0000,w-a:3.0000");
          }
          case "power-of-two" -> {
            assertThat(seen.best()).isEmpty();
            assertThat(seen.undecided()).contains("chance draws two");
            assertThat(seen.workers())
                .extracting(Explanation.Seen::score)
                .containsExactly(3.0, 2.0, 1.0);
          }
          case "round-robin" -> {
            assertThat(seen.best()).containsExactly(kit.workers.get("a"));
            assertThat(seen.workers().get(0).note()).isEqualTo("its turn");
            assertThat(line).contains("w-a:-");
          }
          case "weighted", "random" -> {
            assertThat(seen.best()).isEmpty();
            assertThat(seen.undecided()).contains("chance");
            assertThat(line).contains("w-c:-");
          }
          default -> {
            boolean says = seen.undecided() != null || !seen.best().isEmpty();
            assertThat(says).as(policy).isTrue();
          }
        }
        first.close(Ending.IGNORED);
        second.close(Ending.IGNORED);
        third.close(Ending.IGNORED);
      }
    }
  }

  @Test
  void theOnlyWorkerThatCanBeChosenIsNamedWhateverThePolicy() throws Exception {
    RouterKit build = new RouterKit().worker("a", "vllm", "m", 1).worker("b", "vllm", "m", 2);
    build.options.policy = "random";
    try (RouterKit kit = build.start()) {
      kit.workers.get("a").live().drainedByOperator(true);
      Explanation seen = explain(kit, Endpoint.CHAT, Set.of());
      assertThat(seen.best()).containsExactly(kit.workers.get("b"));
      assertThat(seen.workers().get(1).note()).contains("only one");
      kit.workers.get("b").live().drainedByOperator(true);
      assertThat(explain(kit, Endpoint.CHAT, Set.of()).best()).isEmpty();
      assertThat(explain(kit, Endpoint.CHAT, Set.of()).undecided()).isNull();
    }
  }

  @Test
  void whatTheEngineReportedIsShownWithItsAgeAndItsTermInTheScore() throws Exception {
    try (RouterKit kit =
        new RouterKit().worker("a", "vllm", "m", 1).worker("b", "llamacpp", "m", 2).start()) {
      Worker worker = kit.workers.get("a");
      worker.polled(WorkerLoad.of(System.nanoTime(), 3, 4, 0.9), worker.ledger().account());
      Explanation seen = explain(kit, Endpoint.CHAT, Set.of());
      Explanation.Seen told = seen.workers().get(0);
      Explanation.Seen silent = seen.workers().get(1);
      assertThat(told.gauges().drift()).isEqualTo(7);
      assertThat(told.gauges().foreign()).isEqualTo(7);
      assertThat(told.gauges().foreignWaiting()).isEqualTo(4);
      assertThat(told.gauges().kvUsage()).isEqualTo(0.9);
      assertThat(told.gauges().ageSeconds()).isBetween(0.0, 2.0);
      assertThat(told.parts().kv()).isCloseTo(1.35, within(1e-9));
      assertThat(told.parts().ttft()).isGreaterThan(silent.parts().ttft());
      assertThat(silent.gauges().ageSeconds()).isNaN();
      assertThat(silent.parts().kv()).isZero();
      assertThat(seen.best()).containsExactly(kit.workers.get("b"));
    }
  }

  @Test
  void explainingReservesNothingAndEqualWorkersAreNamedTogether() throws Exception {
    try (RouterKit kit =
        new RouterKit().worker("a", "vllm", "m", 1).worker("b", "vllm", "m", 2).start()) {
      for (int i = 0; i < 10; i++) {
        assertThat(explain(kit, Endpoint.CHAT, Set.of()).best()).hasSize(2);
      }
      kit.assertNothingHeld();
    }
  }

  @Test
  void aClientThatDebugsSeesTheChoiceInOneLineWithoutAnAddress() throws Exception {
    try (ScriptedWorker first = new ScriptedWorker(Frames.twoTokens());
        ScriptedWorker second = new ScriptedWorker(Frames.twoTokens());
        RouterKit kit =
            new RouterKit()
                .worker("a", "vllm", "m", first.port())
                .spare("b", "vllm", "m", second.port())
                .start()) {
      Answer plain = kit.post(RouterKit.CHAT, RouterKit.STREAM);
      assertThat(plain.header("x-headrace-decision")).isNull();
      Answer debugged = kit.post(RouterKit.CHAT, RouterKit.STREAM, "x-headrace-debug: 1");
      assertThat(debugged.status()).isEqualTo(200);
      assertThat(debugged.header("x-headrace-decision"))
          .matches(
              "least-load; prompt=\\d+; out=\\d+; chosen=w-a;"
                  + " scores=w-a:\\d+\\.\\d{4},w-b:\\d+\\.\\d{4}")
          .doesNotContain("127.0.0.1");
      assertThat(debugged.header("x-headrace-worker")).isEqualTo("w-a");
    }
  }

  @Test
  void afterARetryTheLineShowsTheWorkerThatWasTriedAsExcluded() throws Exception {
    try (ScriptedWorker broken =
            new ScriptedWorker(talk -> talk.json(503, "{\"error\":{\"message\":\"busy\"}}"));
        ScriptedWorker good = new ScriptedWorker(Frames.twoTokens());
        RouterKit kit =
            new RouterKit()
                .worker("a", "vllm", "m", broken.port())
                .spare("b", "vllm", "m", good.port())
                .start()) {
      Answer answer = kit.post(RouterKit.CHAT, RouterKit.STREAM, "x-headrace-debug: 1");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("x-headrace-decision"))
          .contains("chosen=w-b")
          .contains("w-a:excluded");
    }
  }

  @Test
  void theLastChoicesAreKeptNewestFirstAndNoMoreThanAsked() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.twoTokens());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.decisions = 2;
      kit.start();
      for (int i = 0; i < 3; i++) {
        Answer answer = kit.post(RouterKit.CHAT, RouterKit.STREAM);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("x-headrace-decision")).isNull();
      }
      DecisionLog log = kit.server.explainer().decisions();
      assertThat(log.newest(10, d -> true)).extracting(d -> d.seq()).containsExactly(2L, 1L);
      assertThat(log.newest(1, d -> true)).extracting(d -> d.seq()).containsExactly(2L);
      assertThat(log.newest(10, d -> false)).isEmpty();
      DecisionLog.Decision last = log.newest(1, d -> true).get(0);
      assertThat(last.chosen()).isSameAs(kit.workers.get("a"));
      assertThat(last.seen().workers().get(0).inFlight()).isZero();

      kit.workers.get("a").live().drainedByOperator(true);
      assertThat(kit.post(RouterKit.CHAT, RouterKit.STREAM).status()).isEqualTo(503);
      DecisionLog.Decision refused = log.newest(1, d -> true).get(0);
      assertThat(refused.chosen()).isNull();
      assertThat(refused.seen().workers().get(0).barrier()).isEqualTo("draining");
    }
  }

  @Test
  void noChoiceIsKeptUnlessAskedFor() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.twoTokens());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      assertThat(kit.post(RouterKit.CHAT, RouterKit.STREAM).status()).isEqualTo(200);
      assertThat(kit.server.explainer().decisions().newest(10, d -> true)).isEmpty();
    }
  }

  @Test
  void ofALargePoolTheChosenAndItsClosestRivalsAreShownAndTheOthersCounted() throws Exception {
    RouterKit build = new RouterKit();
    for (int i = 0; i < 40; i++) {
      build.worker("w" + i, "vllm", "m", i + 1);
    }
    try (RouterKit kit = build.start()) {
      Worker chosen = kit.workers.get("w39");
      Lease<Worker> held = occupy(chosen);
      kit.workers.get("w0").live().drainedByOperator(true);
      Explanation whole = explain(kit, Endpoint.CHAT, Set.of());
      Explanation shown = whole.shortened(chosen);
      assertThat(whole.workers()).hasSize(40);
      assertThat(shown.workers()).hasSize(Explanation.SHOWN);
      assertThat(shown.omitted()).isEqualTo(40 - Explanation.SHOWN);
      assertThat(shown.workers().get(0).worker()).isSameAs(chosen);
      assertThat(shown.workers()).noneMatch(seen -> seen.barrier() != null);
      assertThat(whole.line(chosen)).contains("chosen=w-w39; scores=w-w39:").endsWith("; more=24");
      held.close(Ending.IGNORED);
    }
  }
}
