package dev.headrace.router.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.worker.sim.SimOptions;
import dev.headrace.worker.sim.SimulatedWorker;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * With the policy {@code prefix} a conversation finds its cache again, before engines that have
 * one; conversations that only share their system prompt spread.
 */
class ConversationsKeepTheirCacheTest {
  private static final int WORKERS = 3;
  private static final int CONVERSATIONS = 12;
  private static final int TURNS = 4;
  private static final String SYSTEM = "You are a helpful assistant of a large firm. ".repeat(40);

  /** What the simulated engines' caches gave, and where conversations were. */
  private record Run(double cachedShare, List<Set<String>> homes) {}

  private static Run run(String policy) throws Exception {
    Vertx vertx = Vertx.vertx();
    try (RouterKit kit = new RouterKit()) {
      List<SimulatedWorker> engines = new ArrayList<>();
      kit.options.policy = policy;
      for (int i = 0; i < WORKERS; i++) {
        SimulatedWorker engine =
            SimulatedWorker.start(
                    vertx, SimOptions.of("vllm").withModels("m").withOutputTokens(40).instant())
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        engines.add(engine);
        kit.worker("e" + i, "vllm", "m", engine.port());
      }
      kit.start();
      List<JsonArray> conversations = new ArrayList<>();
      List<Set<String>> homes = new ArrayList<>();
      for (int i = 0; i < CONVERSATIONS; i++) {
        conversations.add(new JsonArray().add(message("system", SYSTEM)));
        homes.add(new HashSet<>());
      }
      for (int turn = 0; turn < TURNS; turn++) {
        for (int i = 0; i < CONVERSATIONS; i++) {
          String question = ("question " + i + " of turn " + turn + ", ").repeat(30);
          JsonArray messages = conversations.get(i).add(message("user", question));
          JsonObject body = new JsonObject().put("model", "m").put("messages", messages);
          RawClient.Answer answer = kit.post(RouterKit.CHAT, body.encode(), "x-headrace-debug: 1");
          assertThat(answer.status()).isEqualTo(200);
          homes.get(i).add(answer.header("x-headrace-worker"));
          messages.add(message("assistant", "an answer, ".repeat(20)));
        }
      }
      kit.assertNothingHeld();
      long prompt = engines.stream().mapToLong(engine -> engine.stats().promptTokens()).sum();
      long cached = engines.stream().mapToLong(engine -> engine.stats().cachedTokens()).sum();
      return new Run((double) cached / prompt, homes);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  private static JsonObject message(String role, String content) {
    return new JsonObject().put("role", role).put("content", content);
  }

  @Test
  void eachConversationHasOneWorkerAndAllWorkersHaveConversations() throws Exception {
    Run byPrefix = run("prefix");
    Run inTurn = run("random");
    assertThat(byPrefix.homes()).allSatisfy(home -> assertThat(home).hasSize(1));
    Set<String> used = new HashSet<>();
    byPrefix.homes().forEach(used::addAll);
    assertThat(used).hasSize(WORKERS);
    // Each turn but the first finds all that was said before.
    assertThat(byPrefix.cachedShare()).isGreaterThan(inTurn.cachedShare() + 0.1);
    assertThat(byPrefix.cachedShare()).isGreaterThan(0.7);
  }

  @Test
  void theCreditForTheCacheIsTold() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (RouterKit kit = new RouterKit()) {
      SimulatedWorker engine =
          SimulatedWorker.start(vertx, SimOptions.of("vllm").withModels("m").instant())
              .toCompletionStage()
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
      kit.options.policy = "prefix";
      kit.worker("e", "vllm", "m", engine.port()).start();
      JsonObject body =
          new JsonObject()
              .put("model", "m")
              .put("messages", new JsonArray().add(message("user", SYSTEM)));
      String first = decision(kit, body);
      assertThat(first).startsWith("prefix; ").doesNotContain("cached=");
      assertThat(decision(kit, body)).containsPattern("; cached=[1-9][0-9]+$");
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  private static String decision(RouterKit kit, JsonObject body) throws Exception {
    return kit.post(RouterKit.CHAT, body.encode(), "x-headrace-debug: 1")
        .header("x-headrace-decision");
  }
}
