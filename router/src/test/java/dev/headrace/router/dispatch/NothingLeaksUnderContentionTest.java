package dev.headrace.router.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.balance.WorkerLedger;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Two thousand requests with every kind of ending, over real sockets, four event loops and a fleet
 * that is too small and loses a worker again and again: at the end nothing is held, and nothing was
 * below zero on the way.
 */
class NothingLeaksUnderContentionTest {
  private static final int REQUESTS = 2000;
  private static final int USERS = 48;
  private static final int PLACES = 6;

  private enum Ending {
    STREAM,
    JSON,
    CLIENT_ERROR,
    WORKER_ERROR,
    LEAVES_AT_ONCE,
    LEAVES_BEFORE_FIRST_TOKEN,
    LEAVES_MID_STREAM,
    WORKER_DIES_BEFORE_HEAD,
    WORKER_DIES_MID_STREAM,
    STALLS
  }

  private final Map<String, Boolean> seen = new ConcurrentHashMap<>();
  private final Map<Ending, AtomicInteger> ended = new EnumMap<>(Ending.class);
  private final List<String> wrong = new CopyOnWriteArrayList<>();
  private RouterKit kit;

  private static Ending ending(String body) {
    for (Ending ending : Ending.values()) {
      if (body.contains("\"ending\":\"" + ending + "\"")) {
        return ending;
      }
    }
    throw new IllegalArgumentException(body);
  }

  private void play(ScriptedWorker.Talk talk) throws Exception {
    seen.put(talk.request().header("x-request-id"), true);
    switch (ending(talk.request().body())) {
      case STREAM, LEAVES_AT_ONCE -> Frames.twoTokens().play(talk);
      case JSON -> Frames.json().play(talk);
      case CLIENT_ERROR -> talk.json(400, "{\"error\":{\"message\":\"m\",\"type\":\"t\"}}");
      case WORKER_ERROR -> talk.json(500, "{}");
      case LEAVES_BEFORE_FIRST_TOKEN -> talk.awaitPeerClose();
      case LEAVES_MID_STREAM -> {
        talk.streamHead().chunk(Frames.token("a"));
        talk.awaitPeerClose();
      }
      case WORKER_DIES_BEFORE_HEAD -> talk.reset();
      case WORKER_DIES_MID_STREAM -> {
        talk.streamHead().chunk(Frames.token("a"));
        talk.reset();
      }
      case STALLS -> talk.streamHead().awaitPeerClose();
    }
  }

  private Void ask(int number, Ending ending) throws Exception {
    String id = "r" + number;
    String plain = ending == Ending.JSON ? RouterKit.PLAIN : RouterKit.STREAM;
    String body = plain.replace("{\"model\"", "{\"ending\":\"" + ending + "\",\"model\"");
    try (RawClient client = kit.client()) {
      client.post(RouterKit.CHAT, body, "x-request-id: " + id);
      switch (ending) {
        case LEAVES_AT_ONCE -> {}
        case LEAVES_BEFORE_FIRST_TOKEN ->
            await().atMost(20, TimeUnit.SECONDS).until(() -> seen.containsKey(id) || logged(id));
        case LEAVES_MID_STREAM -> readFirstToken(client);
        default -> assertThat(client.read()).as(ending + " " + id).isNotNull();
      }
    } catch (SocketTimeoutException e) {
      throw new IllegalStateException(describe(ending, id), e);
    }
    ended.get(ending).incrementAndGet();
    if (number % 40 == 0) {
      kit.member("w3", number % 80 == 0);
    }
    return null;
  }

  private String describe(Ending ending, String id) {
    StringBuilder text = new StringBuilder(ending + " " + id + " hangs; at a worker: ");
    text.append(seen.containsKey(id)).append("; queues: ").append(kit.server.queues());
    for (Worker worker : kit.workers.values()) {
      WorkerLedger ledger = worker.ledger();
      text.append("; ").append(worker.spec().id()).append(": ").append(ledger.inFlight());
    }
    return text.append("; ended: ").append(ended).toString();
  }

  private boolean logged(String id) {
    return kit.log.stream().anyMatch(record -> record.requestId().equals(id));
  }

  /** Reads up to a token, or to the end of an answer that has none. */
  private static void readFirstToken(RawClient client) throws Exception {
    if (client.readHead().status() == 200) {
      String line = client.readLine();
      while (line != null && !line.contains("\"a\"") && !line.equals("0")) {
        line = client.readLine();
      }
    }
  }

  private void sampleUntil(Future<?> end) throws Exception {
    while (true) {
      sample();
      try {
        end.get(2, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        // It goes on.
      }
    }
  }

  private void sample() {
    for (Worker worker : kit.workers.values()) {
      WorkerLedger ledger = worker.ledger();
      if (ledger.inFlight() < 0
          || ledger.inFlight() > PLACES
          || ledger.awaiting() < 0
          || ledger.promptTokens() < 0
          || ledger.outputTokens() < 0) {
        wrong.add("ledger of " + worker.spec().id());
      }
    }
    if (kit.server.inFlight() < 0
        || kit.gauge("headrace.buffered.body.bytes") < 0
        || kit.gauge("headrace.active.streams") < 0
        || kit.gauge("headrace.queue.tokens") < 0) {
      wrong.add("a gauge");
    }
  }

  @Test
  void afterAnyMixOfEndingsWithAQueueAndAFleetThatChanges() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    ExecutorService users = Executors.newFixedThreadPool(USERS);
    List<ScriptedWorker> workers = new ArrayList<>();
    kit = new RouterKit();
    try {
      kit.options.loops = 4;
      kit.options.firstToken = Duration.ofSeconds(2);
      for (int i = 0; i < 4; i++) {
        workers.add(new ScriptedWorker(this::play));
        kit.worker("w" + i, "vllm", "m", workers.get(i).port(), PLACES, null);
      }
      kit.start();
      for (Ending ending : Ending.values()) {
        ended.put(ending, new AtomicInteger());
      }
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        int number = i;
        Ending ending = Ending.values()[random.nextInt(Ending.values().length)];
        // Those that only a clock ends are few: each holds its place for two seconds.
        Ending told = ending == Ending.STALLS && i % 10 != 0 ? Ending.STREAM : ending;
        ends.add(users.submit(() -> ask(number, told)));
      }
      for (Future<?> end : ends) {
        sampleUntil(end);
      }
      kit.assertNothingHeld();
      assertThat(wrong).isEmpty();
      assertThat(kit.gauge("headrace.queue.depth")).isZero();
      assertThat(kit.gauge("headrace.queue.tokens")).isZero();
      for (Worker worker : kit.workers.values()) {
        assertThat(worker.ledger().awaiting()).isZero();
        assertThat(worker.ledger().promptTokens()).isZero();
        assertThat(worker.ledger().outputTokens()).isZero();
      }
      assertThat(ended.values()).allMatch(count -> count.get() > 0);
      assertThat(kit.timed("headrace.queue.wait")).as("some waited").isPositive();
      assertThat(kit.count("headrace.cancels", "stage", "queued")).as("left queued").isPositive();
      assertThat(kit.count("headrace.requests")).isEqualTo(kit.log.size());
      // Those that left at once may have gone before their request was read.
      int silent = ended.get(Ending.LEAVES_AT_ONCE).get();
      assertThat(kit.log.size()).isBetween(REQUESTS - silent, REQUESTS);
    } finally {
      users.shutdownNow();
      kit.close();
      for (ScriptedWorker worker : workers) {
        worker.close();
      }
    }
  }
}
