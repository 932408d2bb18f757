package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.fleet.Worker;
import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import dev.headrace.worker.load.WorkerLoad;
import dev.headrace.worker.sim.SimOptions;
import dev.headrace.worker.sim.SimulatedWorker;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An engine that tells its load in the heads of its answers is heard without a poll. */
class AnswersTellLoadTest {
  private static final String ASK = "endpoint-load-metrics-format";
  private static final String TOLD = "endpoint-load-metrics";
  private static final String BODY = "{\"choices\":[],\"usage\":{\"prompt_tokens\":5}}";

  private static final String SHORT =
      "{\"model\":\"m\",\"stream\":true,\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  private static ScriptedWorker.Script telling(String value) {
    return talk ->
        talk.send(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                + TOLD
                + ": "
                + value
                + "\r\nContent-Length: "
                + BODY.length()
                + "\r\n\r\n"
                + BODY);
  }

  private static void untilHeard(Worker worker) {
    await().atMost(20, TimeUnit.SECONDS).until(() -> worker.live().load() != null);
  }

  @Test
  void theHeadIsReadAndStaysInTheRouter() throws Exception {
    try (ScriptedWorker engine =
            new ScriptedWorker(
                telling(
                    "JSON {\"named_metrics\": {\"kv_cache_usage_perc\": 0.8,"
                        + " \"num_requests_waiting\": 7.0}}"));
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", engine.port()).start()) {
      Answer answer = kit.post(RouterKit.CHAT, RouterKit.PLAIN);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header(TOLD)).isNull();
      assertThat(engine.requests.get(0).header(ASK)).isEqualTo("JSON");
      Worker worker = kit.workers.get("a");
      untilHeard(worker);
      assertThat(worker.live().load().waiting()).isEqualTo(7);
      assertThat(worker.live().load().kvUsage()).isEqualTo(0.8);
      long now = System.nanoTime();
      assertThat(worker.ledger().gauges(now).kvUsage()).isEqualTo(0.8);
      // Of the seven one may be the request that brought the answer.
      assertThat(worker.ledger().gauges(now).foreignWaiting()).isBetween(5.9, 7.0);
    }
  }

  @Test
  void anAnswerWithoutTheHeaderOrWithJunkInItChangesNothing() throws Exception {
    for (String junk : List.of("JSON", "JSON {", "TEXT a=b", "XML <a/>", "JSON []", "TEXT ,,,=")) {
      try (ScriptedWorker engine = new ScriptedWorker(telling(junk));
          RouterKit kit = new RouterKit().worker("a", "vllm", "m", engine.port()).start()) {
        assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
        assertThat(kit.workers.get("a").live().load()).as(junk).isNull();
        engine.script(Frames.twoTokens());
        assertThat(kit.post(RouterKit.CHAT, RouterKit.STREAM).status()).isEqualTo(200);
        assertThat(kit.workers.get("a").live().load()).as(junk).isNull();
      }
    }
  }

  @Test
  void itIsAskedForNowAndThenAndOnlyOfEnginesThatOfferItAndNeverForAClient() throws Exception {
    try (ScriptedWorker vllm = new ScriptedWorker(Frames.json());
        ScriptedWorker tgi = new ScriptedWorker(Frames.json());
        RouterKit kit =
            new RouterKit()
                .worker("a", "vllm", "m", vllm.port())
                .worker("b", "tgi", "n", tgi.port())
                .start()) {
      long began = System.nanoTime();
      try (RawClient client = kit.client()) {
        for (int i = 0; i < 40; i++) {
          client.post(RouterKit.CHAT, RouterKit.PLAIN, ASK + ": TEXT").read();
        }
      }
      long quarters = 1 + (System.nanoTime() - began) / 250_000_000L;
      List<String> asked = new ArrayList<>();
      vllm.requests.forEach(
          request -> {
            if (request.header(ASK) != null) {
              asked.add(request.header(ASK));
            }
          });
      assertThat(asked).isNotEmpty().hasSizeLessThanOrEqualTo((int) quarters).containsOnly("JSON");
      kit.post(RouterKit.CHAT, RouterKit.PLAIN.replace("\"m\"", "\"n\""), ASK + ": TEXT");
      assertThat(tgi.requests.get(0).header(ASK)).isNull();
    }
  }

  @Test
  void aHeadMakesACacheNoEmptierThanAFreshWholeReportDid() throws Exception {
    try (RouterKit kit = new RouterKit().worker("a", "vllm", "m", 1).start()) {
      Worker worker = kit.workers.get("a");
      long now = System.nanoTime();
      worker.polled(WorkerLoad.of(now, 5, 2, 0.7), worker.ledger().account());
      worker.toldWithAnswer(WorkerLoad.of(now + 1_000, WorkerLoad.UNKNOWN, 4, 0.3));
      assertThat(worker.live().load()).isEqualTo(WorkerLoad.of(now + 1_000, 5, 4, 0.7));
      assertThat(worker.ledger().gauges(now + 1_000).kvUsage()).isEqualTo(0.7);
      assertThat(worker.ledger().gauges(now + 1_000).foreignWaiting()).isCloseTo(4, within(1e-9));
      long later = now + 4_000_000_000L;
      worker.toldWithAnswer(WorkerLoad.of(later, WorkerLoad.UNKNOWN, 0, 0.3));
      assertThat(worker.live().load().running()).isEqualTo(WorkerLoad.UNKNOWN);
      assertThat(worker.ledger().gauges(later).kvUsage()).isEqualTo(0.3);
    }
  }

  @Test
  void theLoadOfASimulatedEngineMovesWithoutAnyPoll() throws Exception {
    Vertx vertx = Vertx.vertx();
    SimulatedWorker engine =
        SimulatedWorker.start(
                vertx,
                SimOptions.of("vllm")
                    .withModels("m")
                    .withDecode(50)
                    .withOutputTokens(150)
                    .withSlots(1))
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    try (RouterKit kit = new RouterKit().worker("a", "vllm", "m", engine.port()).start();
        RawClient first = kit.client();
        RawClient second = kit.client();
        RawClient third = kit.client()) {
      Worker worker = kit.workers.get("a");
      assertThat(worker.live().load()).isNull();
      // One slot: when the first answer comes, the others still wait in the engine.
      first.post(RouterKit.CHAT, RouterKit.PLAIN);
      await().atMost(20, TimeUnit.SECONDS).until(() -> worker.ledger().inFlight() == 1);
      second.post(RouterKit.CHAT, SHORT);
      third.post(RouterKit.CHAT, SHORT);
      assertThat(first.read().header(TOLD)).isNull();
      untilHeard(worker);
      assertThat(worker.live().load().waiting()).isPositive();
      assertThat(worker.live().load().kvUsage()).isBetween(0.0, 1.0);
      assertThat(second.read().status()).isEqualTo(200);
      assertThat(third.read().status()).isEqualTo(200);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }
}
