package dev.headrace.worker.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The cost model keeps its formula, its limits and its repeatability. */
class CostModelTest {
  private static final long MS = 1_000_000;

  /** 1000 prompt tokens per second, 10 ms a step and 1 ms per sequence, 2 slots, blocks of 4. */
  private static final CostParameters COST = new CostParameters(1000, 10, 1, 100, 2, 100, 4, 0);

  /** Remembers when what happened, in milliseconds. */
  private static final class Heard implements CostModel.Listener {
    final List<Long> tokens = new ArrayList<>();
    long now;
    int cached = -1;
    boolean finished;

    @Override
    public void started(int cachedTokens) {
      assertThat(cached).as("started once").isEqualTo(-1);
      cached = cachedTokens;
    }

    @Override
    public void token() {
      assertThat(finished).isFalse();
      tokens.add(now);
    }

    @Override
    public void finished() {
      finished = true;
    }
  }

  private static int[] prompt(int tokens) {
    int[] prompt = new int[tokens];
    for (int i = 0; i < tokens; i++) {
      prompt[i] = i;
    }
    return prompt;
  }

  /** Advances to each step's end until nothing is to do. */
  private static long run(CostModel model, long from, Heard... listeners) {
    long now = from;
    for (long next = model.advance(now); next != Long.MAX_VALUE; next = model.advance(now)) {
      now = next;
      for (Heard heard : listeners) {
        heard.now = now / MS;
      }
    }
    return now;
  }

  @Test
  void the_first_token_comes_with_the_end_of_the_prompt_and_the_rest_step_by_step() {
    CostModel model = new CostModel(COST, 1);
    Heard heard = new Heard();
    model.submit(prompt(50), 0, 3, heard);
    run(model, 0, heard);
    // 10 + 50 tokens at 1000/s, then twice 10 + 1.
    assertThat(heard.tokens).containsExactly(60L, 71L, 82L);
    assertThat(heard.finished).isTrue();
  }

  @Test
  void a_long_prompt_is_read_in_chunks_between_which_others_decode() {
    CostModel model = new CostModel(COST, 1);
    Heard decoding = new Heard();
    model.submit(prompt(1), 0, 5, decoding);
    model.advance(0);
    Heard reading = new Heard();
    model.submit(prompt(150), 7, 1, reading);
    run(model, 0, decoding, reading);
    // Step 1: 10 + 1. Step 2: 10 + 1 + 99. Step 3: 10 + 1 + 51, which ends the prompt.
    assertThat(decoding.tokens).startsWith(11L, 121L, 183L);
    assertThat(reading.tokens).containsExactly(183L);
  }

  @Test
  void beyond_the_slots_sequences_wait_in_order_of_arrival() {
    CostModel model = new CostModel(COST, 1);
    Heard[] heard = {new Heard(), new Heard(), new Heard()};
    for (Heard one : heard) {
      model.submit(prompt(1), 0, 2, one);
    }
    model.advance(0);
    assertThat(model.running()).isEqualTo(2);
    assertThat(model.waiting()).isEqualTo(1);
    assertThat(model.waitingTokens()).isEqualTo(1);
    run(model, 0, heard);
    assertThat(heard[2].tokens.get(0)).isGreaterThan(heard[0].tokens.get(1));
  }

  @Test
  void a_prompt_read_before_costs_only_its_last_block() {
    CostModel model = new CostModel(COST, 1);
    Heard first = new Heard();
    model.submit(prompt(80), 0, 1, first);
    long now = run(model, 0, first);
    Heard second = new Heard();
    model.submit(prompt(80), 0, 1, second);
    run(model, now, second);
    assertThat(first.cached).isZero();
    assertThat(second.cached).isEqualTo(76);
    assertThat(second.tokens).containsExactly(now / MS + 14);
    Heard salted = new Heard();
    model.submit(prompt(80), 9, 1, salted);
    run(model, now, salted);
    assertThat(salted.cached).as("another salt shares nothing").isZero();
  }

  @Test
  void the_least_recently_used_prefix_is_forgotten_first() {
    CostModel model = new CostModel(COST.withKvBlocks(30, 4), 1);
    Heard[] heard = new Heard[4];
    int[] salts = {1, 2, 1, 2};
    long now = 0;
    for (int i = 0; i < 4; i++) {
      heard[i] = new Heard();
      model.submit(prompt(60), salts[i], 1, heard[i]);
      now = run(model, now, heard[i]);
    }
    // Each prompt needs 16 of 30 blocks: the second pushes out the end of the first.
    assertThat(heard[2].cached).isBetween(1, 59);
  }

  @Test
  void a_sequence_that_finds_no_block_sets_the_youngest_back_and_all_end() {
    CostModel model = new CostModel(COST.withKvBlocks(6, 4).withSlots(4), 1);
    Heard[] heard = {new Heard(), new Heard()};
    model.submit(prompt(4), 1, 12, heard[0]);
    model.submit(prompt(4), 2, 12, heard[1]);
    run(model, 0, heard);
    assertThat(model.preemptions()).isPositive();
    assertThat(heard[0].tokens).hasSize(12);
    assertThat(heard[1].tokens).hasSize(12);
    assertThat(model.kvUsage()).isZero();
  }

  @Test
  void what_can_never_fit_is_not_taken() {
    CostModel model = new CostModel(COST.withKvBlocks(6, 4), 1);
    assertThat(model.submit(prompt(20), 0, 5, new Heard())).isNull();
    assertThat(model.submit(prompt(20), 0, 4, new Heard())).isNotNull();
  }

  @Test
  void a_cancelled_sequence_is_silent_and_frees_its_place_at_once() {
    CostModel model = new CostModel(COST, 1);
    Heard heard = new Heard();
    CostModel.Sequence sequence = model.submit(prompt(4), 0, 100, heard);
    model.advance(0);
    model.cancel(sequence);
    model.cancel(sequence);
    assertThat(model.running()).isZero();
    assertThat(model.kvUsage()).isZero();
    run(model, 0, heard);
    assertThat(heard.tokens).isEmpty();
  }

  @Property(tries = 200)
  void any_load_ends_gives_all_back_and_repeats(@ForAll long seed) {
    assertThat(play(seed)).isEqualTo(play(seed));
  }

  private static List<List<Long>> play(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    CostModel model = new CostModel(COST.withKvBlocks(20, 4).withSlots(3).withJitter(0.3), seed);
    List<Heard> listeners = new ArrayList<>();
    List<Integer> wanted = new ArrayList<>();
    List<CostModel.Sequence> cancelled = new ArrayList<>();
    long now = 0;
    for (int i = 0; i < 30; i++) {
      Heard heard = new Heard();
      int length = 1 + random.nextInt(20);
      CostModel.Sequence sequence =
          model.submit(prompt(random.nextInt(50)), random.nextInt(3), length, heard);
      assertThat(sequence).isNotNull();
      if (random.nextInt(4) == 0) {
        cancelled.add(sequence);
        wanted.add(-1);
      } else {
        wanted.add(length);
      }
      listeners.add(heard);
      now += random.nextInt(100) * MS;
      model.advance(now);
      if (!cancelled.isEmpty() && random.nextBoolean()) {
        cancelled.forEach(model::cancel);
      }
      assertThat(model.running()).isBetween(0, 3);
      assertThat(model.kvUsage()).isBetween(0.0, 1.0);
    }
    run(model, now, listeners.toArray(Heard[]::new));
    assertThat(model.running()).isZero();
    assertThat(model.waiting()).isZero();
    assertThat(model.kvUsage()).isZero();
    for (int i = 0; i < wanted.size(); i++) {
      if (wanted.get(i) > 0) {
        assertThat(listeners.get(i).tokens).hasSize(wanted.get(i));
        assertThat(listeners.get(i).finished).isTrue();
      }
    }
    return listeners.stream().map(heard -> heard.tokens).toList();
  }
}
