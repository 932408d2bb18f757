package dev.headrace.router.balance;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The reservation of one request's share of a worker. Closing it gives the share back; the first
 * close counts, later ones do nothing. Any thread.
 */
public final class Lease<C extends Candidate> implements AutoCloseable {
  private final C holder;
  private final AtomicBoolean closed = new AtomicBoolean();

  Lease(C holder) {
    this.holder = holder;
  }

  /** The chosen worker. */
  public C worker() {
    return holder;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      holder.ledger().giveBack();
    }
  }
}
