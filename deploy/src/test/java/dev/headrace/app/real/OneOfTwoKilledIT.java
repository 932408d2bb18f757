package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Two real llama-servers, of which one is killed under load, again and again. llama-server closes
 * its connection after every stream without a word, so at any moment some kept connections are
 * dying: neither they nor the dead server may cost a client its answer.
 */
@NeedsParts(RealPart.LLAMA_SERVER)
class OneOfTwoKilledIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int ROUNDS = 10;
  private static final int CLIENTS = 8;

  @Test
  void noRequestFailsBeforeItsFirstByte() throws Exception {
    List<LlamaServer> servers = new ArrayList<>();
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    AtomicBoolean over = new AtomicBoolean();
    try {
      for (int i = 0; i < 2; i++) {
        servers.add(LlamaServer.start(TinyModel.slow(), "tiny", 4, 2048));
      }
      try (RouterProcess router =
          RouterProcess.start(
              "fleet:\n  static:\n    - { id: a, url: \"%s\" }\n    - { id: b, url: \"%s\" }\n"
                  .formatted(servers.get(0).url(), servers.get(1).url()))) {
        awaitRoutable(router);
        AtomicInteger whole = new AtomicInteger();
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          running.add(clients.submit(() -> ask(router.caller(), over, whole, failures)));
        }
        for (int round = 0; round < ROUNDS; round++) {
          LlamaServer victim = servers.get(round % 2);
          awaitMore(whole, 2 * CLIENTS);
          victim.kill();
          awaitMore(whole, 2 * CLIENTS);
          victim.close();
          servers.set(
              round % 2, LlamaServer.start(victim.port(), TinyModel.slow(), "tiny", 4, 2048));
          awaitRoutable(router);
        }
        over.set(true);
        for (Future<?> client : running) {
          client.get(60, TimeUnit.SECONDS);
        }
        assertThat(failures).isEmpty();
      }
    } finally {
      over.set(true);
      clients.shutdownNow();
      servers.forEach(LlamaServer::close);
    }
  }

  private static Void ask(
      Caller caller, AtomicBoolean over, AtomicInteger whole, List<String> failures)
      throws Exception {
    while (!over.get()) {
      HttpResponse<InputStream> response =
          caller.open(
              "/v1/chat/completions",
              "{\"model\":\"tiny\",\"max_tokens\":32,\"stream\":true,"
                  + "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}");
      try (SseReader stream = new SseReader(response.body())) {
        if (response.statusCode() != 200) {
          failures.add("status " + response.statusCode());
        }
        stream.drain();
        if (stream.done()) {
          whole.incrementAndGet();
        } else if (!stream.failed()) {
          failures.add("a stream ended with neither [DONE] nor an error");
        }
      }
    }
    return null;
  }

  private static void awaitMore(AtomicInteger whole, int more) {
    int before = whole.get();
    await().atMost(LIMIT).until(() -> whole.get() >= before + more);
  }

  private static void awaitRoutable(RouterProcess router) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(router.admin().get("/admin/v1/workers").json().at("/workers"))
                    .hasSize(2)
                    .allMatch(worker -> worker.path("status").asText().equals("routable")));
  }
}
