package dev.headrace.router.balance;

import org.jspecify.annotations.Nullable;

/**
 * The reservation of one request's share of a worker: a request, its prompt tokens until the first
 * token came (without those that the worker is thought to hold in its cache), its expected output
 * tokens, which shrink as tokens arrive. Closing it gives back what it still holds; the first close
 * counts, later calls do nothing. Confined to the event loop of its exchange; what it changes in
 * the ledger is safe from any thread.
 */
public final class Lease<C extends Candidate> {
  private final C holder;
  private final double promptTokens;
  private final double cachedTokens;
  private final long sentNanos;
  private final int batchAtStart;
  private final double expectedTtft;
  private final int entered;
  private double outputLeft;
  private long firstTokenNanos;
  private long lastTokenNanos;
  private long tokens;
  private boolean first;
  private volatile boolean closed;
  private boolean late;
  private @Nullable Runnable whenClosed;

  Lease(
      C holder,
      Demand demand,
      double cachedTokens,
      long sentNanos,
      double expectedTtft,
      int entered) {
    this.holder = holder;
    this.promptTokens = demand.promptTokens() - cachedTokens;
    this.cachedTokens = cachedTokens;
    this.outputLeft = demand.outputTokens();
    this.sentNanos = sentNanos;
    this.expectedTtft = expectedTtft;
    this.entered = entered;
    this.batchAtStart = holder.ledger().inFlight();
  }

  /** The chosen worker. */
  public C worker() {
    return holder;
  }

  /** Output tokens arrived. The first call marks the end of the prefill. */
  public void tokens(int count, long nowNanos) {
    if (closed || count <= 0) {
      return;
    }
    WorkerLedger ledger = holder.ledger();
    if (!first) {
      first = true;
      firstTokenNanos = nowNanos;
      ledger.firstToken(holder.rates(), sentNanos, promptTokens, cachedTokens);
      holder
          .outlier()
          .firstToken((nowNanos - sentNanos) * 1e-9, expectedTtft, entered, sentNanos, late);
    }
    tokens += count;
    lastTokenNanos = nowNanos;
    double gone = Math.min(count, outputLeft - 1);
    if (gone > 0) {
      outputLeft -= gone;
      ledger.outputDone(gone);
    }
  }

  /**
   * For an answer that comes in one piece: once its prefill should be over, it no longer counts as
   * one. Nothing is learned from it.
   */
  public void presumePrefilled(long nowNanos) {
    if (!closed && !first && (nowNanos - sentNanos) * 1e-9 > expectedTtft) {
      first = true;
      holder.ledger().prefillOver(promptTokens);
    }
  }

  /** For a stream without a first token: notes once when it is far later than predicted. */
  public void checkOverdue(long nowNanos) {
    if (!closed && !first && !late) {
      late =
          holder.outlier().overdue((nowNanos - sentNanos) * 1e-9, expectedTtft, entered, sentNanos);
    }
  }

  /** Prompt tokens that the worker was thought to hold in its cache when it was chosen. */
  public double cachedTokens() {
    return cachedTokens;
  }

  /** Time to the first token that was predicted when the worker was chosen [s]. */
  public double expectedTtft() {
    return expectedTtft;
  }

  /** True when a first token has come. */
  public boolean started() {
    return first;
  }

  /** Output tokens that have come, as the stream's frames tell; 0 for an answer in one piece. */
  public long outputTokens() {
    return tokens;
  }

  /** Time from the choice to the first token [s], or NaN: none came, or it was not seen to come. */
  public double ttft() {
    return tokens == 0 ? Double.NaN : (firstTokenNanos - sentNanos) * 1e-9;
  }

  /**
   * True when it has been closed. This one and {@link #outputTokens} and {@link #ttft} may be read
   * on any thread, and may then be a moment late.
   */
  public boolean closed() {
    return closed;
  }

  /** Is run once, when the lease was closed and its place is free again. */
  public void whenClosed(Runnable listener) {
    whenClosed = listener;
  }

  /** Gives back what the lease still holds. The first close counts. */
  public void close(Ending ending) {
    if (closed) {
      return;
    }
    closed = true;
    WorkerLedger ledger = holder.ledger();
    double gap =
        tokens >= 8 ? (lastTokenNanos - firstTokenNanos) * 1e-9 / (tokens - 1) : Double.NaN;
    double batch = (batchAtStart + ledger.inFlight()) / 2.0;
    ledger.ended(ending, holder.rates(), first ? Double.NaN : promptTokens, outputLeft, batch, gap);
    holder.outlier().ended(ending, entered, sentNanos);
    if (whenClosed != null) {
      whenClosed.run();
    }
  }
}
