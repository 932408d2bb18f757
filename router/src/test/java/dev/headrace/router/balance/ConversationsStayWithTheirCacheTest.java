package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The promises of the policy {@code prefix}. */
final class ConversationsStayWithTheirCacheTest {
  private static final int CONVERSATIONS = 400;

  private record Slot(WorkerLedger ledger, ServiceRates rates, double weight)
      implements Candidate {}

  private final List<Slot> slots = new ArrayList<>();
  private final ModelMeans means = new ModelMeans();
  private final Policy policy = new PrefixPolicy();
  private final Picker picker = new Picker(new Random(5), () -> 0);

  private ConversationsStayWithTheirCacheTest fleet(double... weights) {
    for (double weight : weights) {
      WorkerLedger ledger = new WorkerLedger("w" + slots.size(), Integer.MAX_VALUE, means, () -> 0);
      slots.add(new Slot(ledger, ledger.rates("m"), weight));
    }
    return this;
  }

  private Lease<Slot> take(Demand demand, Slot without) {
    return picker.pick(slots, slot -> slot != without, policy, demand);
  }

  private Slot serve(Demand demand) {
    Lease<Slot> lease = take(demand, null);
    lease.close(Ending.SUCCEEDED);
    return lease.worker();
  }

  @Test
  void laterTurnsGoWhereTheFirstWent() {
    fleet(1, 1, 1, 1);
    Map<Integer, Slot> homes = new HashMap<>();
    for (int turn = 0; turn < 5; turn++) {
      for (int conversation = 0; conversation < CONVERSATIONS; conversation++) {
        Slot home = serve(Prompts.turn(conversation, turn));
        Slot before = homes.put(conversation, home);
        // The first two conversations cannot tell yet what is common.
        assertThat(before == null || before == home || conversation < 2).isTrue();
      }
    }
  }

  @Test
  void aCommonSystemPromptDoesNotSendAllToOneWorker() {
    fleet(1, 1, 1, 1);
    Map<Slot, Integer> homes = new HashMap<>();
    for (int conversation = 0; conversation < CONVERSATIONS; conversation++) {
      homes.merge(serve(Prompts.turn(conversation, 0)), 1, Integer::sum);
    }
    assertThat(homes).hasSize(4);
    assertThat(homes.values()).allSatisfy(n -> assertThat(n).isCloseTo(100, within(35)));
  }

  @Test
  void whatFewShareIsFollowedAndNotSpread() {
    fleet(1, 1, 1, 1);
    // A document with ten questions, among the turns of many other conversations.
    Map<Slot, Integer> homes = new HashMap<>();
    int conversation = 0;
    for (int question = 0; question < 10; question++) {
      for (int other = 0; other < 40; other++) {
        serve(Prompts.of(7_000 + conversation++, 1));
      }
      homes.merge(serve(Prompts.of(50, 51, 52, 53, 900 + question)), 1, Integer::sum);
    }
    assertThat(homes).hasSize(1);
  }

  @Test
  void severalRoutersSendAFirstTurnToTheSameWorker() {
    ConversationsStayWithTheirCacheTest other =
        new ConversationsStayWithTheirCacheTest().fleet(1, 2, 1, 4);
    fleet(1, 2, 1, 4);
    for (int conversation = 0; conversation < CONVERSATIONS; conversation++) {
      Demand first = Prompts.of(conversation, 1, 2);
      assertThat(other.serve(first).ledger().workerId())
          .isEqualTo(serve(first).ledger().workerId());
    }
  }

  @Test
  void onePromptThatAllSendDoesNotGoAboveTheBound() {
    fleet(1, 1, 2, 4);
    Demand same = Prompts.of(1, 2, 3, 4, 5, 6, 7, 8);
    for (int i = 0; i < 2_000; i++) {
      take(same, null);
    }
    // All but the last token are thought to be cached: each holds what decoding costs, by weight,
    // and at most what the cache saves on top of its share.
    double sum = slots.stream().mapToDouble(slot -> slot.ledger().outputTokens()).sum();
    for (Slot slot : slots) {
      assertThat(slot.ledger().outputTokens() / sum)
          .isLessThanOrEqualTo(1.25 * slot.weight() / 8 + 0.05);
    }
  }

  @Test
  void anOverflowWarmsOneMoreWorkerAndNotAll() {
    fleet(1, 1, 1, 1, 1, 1, 1, 1);
    Demand first = Prompts.of(1, 2, 3);
    Slot home = serve(first);
    Slot second = null;
    for (int i = 0; i < 20; i++) {
      // The home has much to do: more than waiting for its cache would be worth.
      List<Lease<Slot>> busy = new ArrayList<>();
      for (int k = 0; k < 5; k++) {
        busy.add(
            picker.pick(List.of(home), slot -> true, new LeastLoadPolicy(), new Demand(9_000, 1)));
      }
      Slot overflow = serve(first);
      busy.forEach(lease -> lease.close(Ending.IGNORED));
      assertThat(overflow).isNotSameAs(home);
      assertThat(second == null || second == overflow).isTrue();
      second = overflow;
    }
    assertThat(serve(first)).isIn(home, second);
  }

  @Test
  void aWarmCacheIsNotLeftForAShortWait() {
    fleet(1, 1, 1, 1);
    Demand first = Prompts.turn(0, 20);
    Slot home = serve(first);
    Lease<Slot> held =
        picker.pick(List.of(home), slot -> true, new LeastLoadPolicy(), new Demand(1_000, 100));
    assertThat(serve(Prompts.turn(0, 21))).isSameAs(home);
    held.close(Ending.IGNORED);
  }

  @Test
  void aWorkerThatFailsIsLeftWhateverItHolds() {
    fleet(1, 1, 1);
    Lease<Slot> first = take(Prompts.of(1, 2, 3), null);
    first.close(Ending.FAILED);
    assertThat(serve(Prompts.of(1, 2, 3))).isNotSameAs(first.worker());
  }

  @Test
  void whatIsCachedIsNotCountedAsPrefillToCome() {
    fleet(1, 1);
    Slot home = serve(Prompts.of(1, 2, 3, 4));
    Lease<Slot> next = take(Prompts.of(1, 2, 3, 4, 5), null);
    assertThat(next.worker()).isSameAs(home);
    assertThat(next.cachedTokens()).isCloseTo(4 * Prompts.BLOCK, within(1e-6));
    assertThat(home.ledger().promptTokens()).isCloseTo(Prompts.BLOCK, within(1e-6));
    next.close(Ending.SUCCEEDED);
    assertThat(home.ledger().promptTokens()).isZero();
    Lease<Slot> elsewhere = take(Prompts.of(1, 2, 3, 4, 5, 6), home);
    assertThat(elsewhere.cachedTokens()).isZero();
    elsewhere.close(Ending.SUCCEEDED);
  }

  @Test
  void withoutABlockOfItsOwnItIsLeastLoad() {
    fleet(1, 1, 1);
    for (int i = 0; i < 300; i++) {
      take(i % 2 == 0 ? Demand.TYPICAL : Demand.TYPICAL.with(Prompts.of().prefix()), null);
    }
    assertThat(slots).allSatisfy(slot -> assertThat(slot.ledger().inFlight()).isEqualTo(100));
  }

  @Test
  void manyThreadsLeaveNothingHeldAndFindMostOfWhatTheyLeft() throws Exception {
    fleet(1, 1, 1, 1);
    int threads = 4;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    List<Future<Integer>> runs = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int base = 10_000 * t;
      runs.add(
          pool.submit(
              () -> {
                Picker own = new Picker(new Random(base), () -> 0);
                int stayed = 0;
                for (int conversation = 0; conversation < 500; conversation++) {
                  Slot home = null;
                  for (int turn = 0; turn < 6; turn++) {
                    Lease<Slot> lease =
                        own.pick(slots, s -> true, policy, Prompts.turn(base + conversation, turn));
                    stayed += lease.worker() == home ? 1 : 0;
                    home = lease.worker();
                    lease.close(Ending.SUCCEEDED);
                  }
                }
                return stayed;
              }));
    }
    int stayed = 0;
    for (Future<Integer> run : runs) {
      stayed += run.get(60, TimeUnit.SECONDS);
    }
    pool.shutdown();
    assertThat(stayed).isGreaterThan(threads * 500 * 5 * 9 / 10);
    assertThat(slots)
        .allSatisfy(
            slot -> {
              assertThat(slot.ledger().inFlight()).isZero();
              assertThat(slot.ledger().promptTokens()).isZero();
            });
  }
}
