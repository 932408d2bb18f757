package dev.headrace.worker.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What an engine with continuous batching does with its time. It works in steps; one step computes
 * one token of every decoding sequence and a chunk of the prompts that are still to be read:
 *
 * <pre>
 *   t_step = (t_base + t_seq · D + P / r) · (1 + j·u)
 *
 *   D  sequences that decode in this step
 *   P  prompt tokens prefilled in this step, P ≤ chunk − D, in order of arrival
 *   t_base, t_seq   milliseconds per step, and per decoding sequence and step
 *   r  prefill rate, prompt tokens per second
 *   j  jitter, u uniform in [−1, 1) from the seed
 * </pre>
 *
 * <p>The step that ends a prompt also yields its first token. Prompt tokens whose blocks are in the
 * {@link PrefixCache} are not computed; the last prompt token always is. A sequence waits, first
 * come first served, until a slot and blocks for its prompt are free. When a growing sequence finds
 * no block, the youngest one is set back to the head of the queue and will compute its prompt and
 * what it had generated anew.
 *
 * <p>Time is told by the caller and moves in exact step lengths, so one seed and one order of
 * arrivals repeat a run. Confined to one thread; listeners may cancel sequences from within their
 * calls.
 */
public final class CostModel {
  /** Bounds the work of one call, should a caller's clock leap. */
  private static final int MAX_STEPS_AT_ONCE = 100_000;

  private static final long MIN_STEP_NANOS = 1_000;

  /** Hears what happens to one sequence. */
  public interface Listener {
    /** It got a slot; {@code cachedTokens} of its prompt need no prefill. Called once. */
    default void started(int cachedTokens) {}

    /** One more token exists. */
    void token();

    /** Its last token exists; nothing follows. */
    void finished();
  }

  /** One prompt on its way through the engine. */
  public static final class Sequence {
    private final Listener listener;
    private final long[] chain;
    private final int promptTokens;
    private final int maxTokens;
    private PrefixCache.@Nullable Allocation allocation;
    private State state = State.WAITING;
    private boolean heard;
    private int toPrefill;
    private int chunk;
    private int generated;
    private int cachedTokens;

    private Sequence(Listener listener, long[] chain, int promptTokens, int maxTokens) {
      this.listener = listener;
      this.chain = chain;
      this.promptTokens = promptTokens;
      this.maxTokens = maxTokens;
    }

    public int generated() {
      return generated;
    }

    public int promptTokens() {
      return promptTokens;
    }

    /** Prompt tokens that came from the cache when it first got a slot. */
    public int cachedTokens() {
      return cachedTokens;
    }

    /** Tokens that it may still generate. */
    public int remaining() {
      return maxTokens - generated;
    }

    public boolean running() {
      return state == State.RUNNING;
    }

    public boolean ended() {
      return state == State.ENDED;
    }
  }

  private enum State {
    WAITING,
    RUNNING,
    ENDED
  }

  private final CostParameters cost;
  private final PrefixCache cache;
  private final SplittableRandom random;
  private final ArrayDeque<Sequence> waiting = new ArrayDeque<>();
  private final List<Sequence> running = new ArrayList<>();
  private int runningCount;
  private boolean stepping;
  private long stepEnd;
  private long preemptions;

  public CostModel(CostParameters cost, long seed) {
    this.cost = cost;
    this.cache = new PrefixCache(cost.kvBlocks());
    this.random = new SplittableRandom(seed);
  }

  /**
   * Queues a prompt. Call {@link #advance} afterwards.
   *
   * @param prompt its tokens
   * @param salt sets apart what must not share cache blocks: the model's or the adapter's name
   * @param maxTokens tokens after which it ends, at least 1
   * @return null when prompt and answer can never fit into the KV cache
   */
  public @Nullable Sequence submit(int[] prompt, long salt, int maxTokens, Listener listener) {
    long needed = Math.max(1, prompt.length) + (long) maxTokens;
    if (blocksOf(needed) > cache.total()) {
      return null;
    }
    Sequence sequence =
        new Sequence(listener, chain(prompt, salt), Math.max(1, prompt.length), maxTokens);
    waiting.add(sequence);
    return sequence;
  }

  /** Takes a sequence out, wherever it is; its listener hears nothing more. */
  public void cancel(Sequence sequence) {
    switch (sequence.state) {
      case WAITING -> {
        waiting.remove(sequence);
        sequence.state = State.ENDED;
      }
      case RUNNING -> end(sequence);
      case ENDED -> {}
    }
  }

  /**
   * Lets time pass up to {@code now}.
   *
   * @return when to call again, or {@code Long.MAX_VALUE} when nothing is to do
   */
  public long advance(long now) {
    for (int steps = 0; steps < MAX_STEPS_AT_ONCE; steps++) {
      if (!stepping) {
        if (waiting.isEmpty() && runningCount == 0) {
          return Long.MAX_VALUE;
        }
        beginStep(now);
      }
      if (stepEnd - now > 0) {
        return stepEnd;
      }
      finishStep();
    }
    stepEnd = now;
    return now;
  }

  public int running() {
    return runningCount;
  }

  public int waiting() {
    return waiting.size();
  }

  /** Prompt tokens of the sequences that wait. */
  public long waitingTokens() {
    long tokens = 0;
    for (Sequence sequence : waiting) {
      tokens += sequence.promptTokens;
    }
    return tokens;
  }

  /** Share of the KV blocks that sequences hold, 0..1. */
  public double kvUsage() {
    return (double) cache.held() / cache.total();
  }

  public long preemptions() {
    return preemptions;
  }

  /** Empties the prefix cache of what no running sequence holds. */
  public void clearCache() {
    cache.clear();
  }

  private void beginStep(long at) {
    admit();
    int decoding = 0;
    for (Sequence sequence : running) {
      if (sequence.state == State.RUNNING && sequence.toPrefill == 0) {
        decoding++;
      }
    }
    int budget = Math.max(1, cost.chunkTokens() - decoding);
    int prefill = 0;
    for (Sequence sequence : running) {
      if (sequence.state == State.RUNNING) {
        sequence.chunk = Math.min(sequence.toPrefill, budget - prefill);
        prefill += sequence.chunk;
      }
    }
    double millis =
        cost.stepMillis()
            + cost.stepMillisPerSequence() * decoding
            + prefill * 1000.0 / cost.prefillTokensPerSecond();
    if (cost.jitter() > 0) {
      millis *= 1 + cost.jitter() * (2 * random.nextDouble() - 1);
    }
    stepEnd = at + Math.max(MIN_STEP_NANOS, (long) (millis * 1e6));
    stepping = true;
  }

  private void finishStep() {
    int count = running.size();
    for (int i = 0; i < count; i++) {
      Sequence sequence = running.get(i);
      if (sequence.state != State.RUNNING) {
        continue;
      }
      sequence.toPrefill -= sequence.chunk;
      boolean computed = sequence.toPrefill == 0;
      sequence.chunk = 0;
      if (computed) {
        yieldToken(sequence);
      }
    }
    running.removeIf(sequence -> sequence.state != State.RUNNING);
    stepping = false;
    if (!waiting.isEmpty() || runningCount > 0) {
      beginStep(stepEnd);
    }
  }

  private void yieldToken(Sequence sequence) {
    sequence.generated++;
    sequence.listener.token();
    if (sequence.state != State.RUNNING) {
      return;
    }
    if (sequence.generated >= sequence.maxTokens) {
      end(sequence);
      sequence.listener.finished();
    } else {
      makeRoom(sequence);
    }
  }

  private void makeRoom(Sequence sequence) {
    PrefixCache.Allocation allocation = sequence.allocation;
    if (allocation == null
        || blocksOf((long) sequence.promptTokens + sequence.generated + 1) <= allocation.blocks()) {
      return;
    }
    while (!cache.grow(allocation)) {
      Sequence youngest = youngestRunning();
      setBack(youngest);
      if (youngest == sequence) {
        return;
      }
    }
  }

  private Sequence youngestRunning() {
    for (int i = running.size() - 1; i >= 0; i--) {
      if (running.get(i).state == State.RUNNING) {
        return running.get(i);
      }
    }
    throw new IllegalStateException("no sequence runs, yet blocks are held");
  }

  private void setBack(Sequence sequence) {
    preemptions++;
    giveUp(sequence);
    sequence.state = State.WAITING;
    waiting.addFirst(sequence);
  }

  private void admit() {
    while (runningCount < cost.slots() && !waiting.isEmpty()) {
      Sequence next = waiting.peekFirst();
      int tokens = next.promptTokens + next.generated;
      int usable = Math.min(next.chain.length, (next.promptTokens - 1) / cost.blockTokens());
      PrefixCache.Allocation allocation =
          cache.allocate(next.chain, usable, blocksOf((long) tokens + 1));
      if (allocation == null) {
        return;
      }
      waiting.removeFirst();
      int cached = allocation.hits * cost.blockTokens();
      next.allocation = allocation;
      next.toPrefill = tokens - cached;
      next.state = State.RUNNING;
      runningCount++;
      running.add(next);
      if (!next.heard) {
        next.heard = true;
        next.cachedTokens = cached;
        next.listener.started(cached);
      }
    }
  }

  private void end(Sequence sequence) {
    giveUp(sequence);
    sequence.state = State.ENDED;
  }

  private void giveUp(Sequence sequence) {
    runningCount--;
    PrefixCache.Allocation allocation = sequence.allocation;
    sequence.allocation = null;
    if (allocation != null) {
      cache.release(allocation);
    }
  }

  private int blocksOf(long tokens) {
    return (int)
        Math.min(Integer.MAX_VALUE, (tokens + cost.blockTokens() - 1) / cost.blockTokens());
  }

  private long[] chain(int[] prompt, long salt) {
    int size = cost.blockTokens();
    long[] chain = new long[prompt.length / size];
    long hash = mix(salt);
    for (int block = 0; block < chain.length; block++) {
      for (int i = block * size; i < (block + 1) * size; i++) {
        hash = mix(hash ^ prompt[i]);
      }
      chain[block] = hash;
    }
    return chain;
  }

  /** The finalizer of SplitMix64. */
  static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
