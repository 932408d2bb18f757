package dev.headrace.router.limit;

import org.jspecify.annotations.Nullable;

/**
 * One request on its way past the limits of its key: it enters, reserves tokens once its body was
 * read, and leaves with what it used. What it holds is given back exactly once, by {@link #leave},
 * however often and in whatever state that is called. Confined to one thread.
 */
public final class Passage {
  private final Tenant tenant;
  private boolean inside;
  private boolean refused;
  private long enteredNanos;
  private long reservedUnits;
  private long reservedCost;

  public Passage(Tenant tenant) {
    this.tenant = tenant;
  }

  public Tenant tenant() {
    return tenant;
  }

  /** Takes one request of its key's; null when it may pass. Called once. */
  public @Nullable LimitRefusal enter() {
    LimitRefusal refusal = tenant.enter();
    if (refusal == null) {
      inside = true;
      enteredNanos = tenant.now();
    }
    return refusal;
  }

  /**
   * Reserves tokens. An estimate above the whole limit may pass when none of it is in use; it is an
   * estimate, and what is really used is charged in the end.
   *
   * @return null when it may pass
   */
  public @Nullable LimitRefusal reserve(TokenEstimate expected) {
    long units = expected.total();
    long cost = tenant.tokenCost(units);
    LimitRefusal refusal = tenant.reserve(units, cost);
    if (refusal == null) {
      reservedUnits += units;
      reservedCost += cost;
    }
    refused = refusal != null;
    return refusal;
  }

  /** The request is over and has used so many tokens. */
  public void leave(long usedTokens) {
    if (inside) {
      inside = false;
      long held = refused ? 0 : tenant.now() - enteredNanos;
      tenant.leave(reservedUnits, reservedCost, usedTokens, held);
    }
  }
}
