package dev.headrace.router.exchange;

import dev.headrace.router.config.HeadraceConfig;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the whole process may hold at once, over all event loops: each count is taken before the
 * thing is held and given back exactly once by its holder. Any thread.
 */
public final class Bounds {
  private final int maxInFlight;
  private final int maxConnections;
  private final long maxBodyBytes;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicLong bodyBytes = new AtomicLong();

  /**
   * The configured bounds in a heap of so many bytes. Bodies get a third of it at most: they are
   * old before they are let go, and the collector keeps no more than two thirds for what is old.
   */
  public Bounds(HeadraceConfig.Limits limits, long heap) {
    this.maxInFlight = limits.maxInFlight();
    this.maxConnections = limits.maxConnections();
    this.maxBodyBytes = Math.min(limits.maxBufferedBodies(), heap / 3);
  }

  public boolean takeExchange() {
    return take(inFlight, maxInFlight);
  }

  public void giveBackExchange() {
    inFlight.decrementAndGet();
  }

  public boolean takeConnection() {
    return take(connections, maxConnections);
  }

  public void giveBackConnection() {
    connections.decrementAndGet();
  }

  private static boolean take(AtomicInteger count, int max) {
    if (count.incrementAndGet() <= max) {
      return true;
    }
    count.decrementAndGet();
    return false;
  }

  public boolean takeBodyBytes(long bytes) {
    if (bodyBytes.addAndGet(bytes) <= maxBodyBytes) {
      return true;
    }
    bodyBytes.addAndGet(-bytes);
    return false;
  }

  public void giveBackBodyBytes(long bytes) {
    bodyBytes.addAndGet(-bytes);
  }

  public int inFlight() {
    return inFlight.get();
  }

  public int connections() {
    return connections.get();
  }

  public long bodyBytes() {
    return bodyBytes.get();
  }
}
