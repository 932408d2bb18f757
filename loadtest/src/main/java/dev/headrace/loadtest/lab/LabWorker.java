package dev.headrace.loadtest.lab;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * One simulated engine in virtual time, see {@link EngineModel} for its laws. Steps without prefill
 * are taken together until the next sequence ends, and cut at a step's end when a request arrives.
 * Confined to the simulation's thread.
 */
final class LabWorker {

  /** Hears what a client of the engine would see. */
  interface Listener {
    void firstToken(LabRequest request, double now);

    void tokens(LabRequest request, int count, double now);

    void finished(LabRequest request, double now);
  }

  final int index;
  final EngineModel model;
  final PrefixCache cache;
  private final Listener listener;
  private final ArrayDeque<LabRequest> waiting = new ArrayDeque<>();
  private final ArrayDeque<LabRequest> prefilling = new ArrayDeque<>();
  private final List<LabRequest> decoding = new ArrayList<>();
  private final List<LabRequest> ending = new ArrayList<>();

  private boolean busy;
  private double planStart;
  private double planStep;
  private int planSteps;
  private int planPrefill;

  /** Grows with each new plan, so that an event of an older plan is known as such. */
  int planVersion;

  /** Its speed now over its usual one; counts from the next step on. */
  double pace = 1;

  double busySeconds;
  long prefilledTokens;
  long servedRequests;
  int peakRunning;

  LabWorker(int index, EngineModel model, Listener listener) {
    this.index = index;
    this.model = model;
    this.listener = listener;
    this.cache = new PrefixCache(model.kvBlocks());
  }

  /** When the current plan ends, or NaN when idle. */
  double planEnd() {
    return busy ? planStart + planSteps * planStep : Double.NaN;
  }

  int running() {
    return decoding.size() + prefilling.size();
  }

  int waitingCount() {
    return waiting.size();
  }

  double kvUsage() {
    return cache.usage();
  }

  /** True prompt tokens that still have to be computed, of all requests here. */
  long prefillLeft() {
    long sum = 0;
    for (LabRequest r : prefilling) {
      sum += r.prefillLeft;
    }
    for (LabRequest r : waiting) {
      sum += r.promptTokens;
    }
    return sum;
  }

  /** True output tokens that still have to be decoded. */
  long decodeLeft() {
    long sum = 0;
    for (LabRequest r : decoding) {
      sum += r.decodeLeft;
    }
    for (LabRequest r : prefilling) {
      sum += r.decodeLeft;
    }
    for (LabRequest r : waiting) {
      sum += r.outputTokens;
    }
    return sum;
  }

  int decodingCount() {
    return decoding.size();
  }

  /**
   * Takes a request.
   *
   * @return true when the plan changed, so that its end must be scheduled anew
   */
  boolean accept(LabRequest request, double now) {
    request.worker = index;
    request.dispatched = now;
    waiting.add(request);
    if (!busy) {
      return plan(now);
    }
    if (planSteps > 1) {
      int done = Math.max(1, (int) Math.ceil((now - planStart) / planStep - 1e-9));
      if (done < planSteps) {
        planSteps = done;
        planVersion++;
        return true;
      }
    }
    return false;
  }

  /** Ends the current plan and begins the next. Returns true when there is one. */
  boolean complete(double now) {
    busy = false;
    busySeconds += planSteps * planStep;
    int steps = planSteps;
    ending.clear();
    for (int i = 0; i < decoding.size(); i++) {
      LabRequest r = decoding.get(i);
      r.decodeLeft -= steps;
      if (r.decodeLeft == 0) {
        ending.add(r);
      }
      listener.tokens(r, steps, now);
    }
    if (!ending.isEmpty()) {
      decoding.removeIf(r -> r.decodeLeft == 0);
    }
    int budget = planPrefill;
    while (budget > 0) {
      LabRequest head = prefilling.element();
      int part = Math.min(budget, head.prefillLeft);
      head.prefillLeft -= part;
      budget -= part;
      prefilledTokens += part;
      if (head.prefillLeft == 0) {
        prefilling.remove();
        cache.fill(head);
        listener.firstToken(head, now);
        head.decodeLeft--;
        if (head.decodeLeft == 0) {
          ending.add(head);
        } else {
          decoding.add(head);
        }
      }
    }
    for (LabRequest r : ending) {
      cache.release(r);
      servedRequests++;
      listener.finished(r, now);
    }
    return plan(now);
  }

  private boolean plan(double now) {
    if (busy) {
      return false;
    }
    while (!waiting.isEmpty() && running() < model.slots()) {
      LabRequest next = waiting.element();
      if (!cache.admit(next, model.blockTokens())) {
        break;
      }
      waiting.remove();
      next.prefillLeft = Math.max(1, next.promptTokens - next.cachedTokens);
      next.decodeLeft = next.outputTokens;
      prefilling.add(next);
    }
    peakRunning = Math.max(peakRunning, running());
    if (prefilling.isEmpty() && decoding.isEmpty()) {
      return false;
    }
    int prefill = 0;
    for (LabRequest r : prefilling) {
      prefill += r.prefillLeft;
      if (prefill >= model.chunk()) {
        prefill = model.chunk();
        break;
      }
    }
    planPrefill = prefill;
    planSteps = 1;
    if (prefill == 0) {
      int least = Integer.MAX_VALUE;
      for (int i = 0; i < decoding.size(); i++) {
        least = Math.min(least, decoding.get(i).decodeLeft);
      }
      planSteps = least;
    }
    planStep = model.step(decoding.size(), prefill) / pace;
    planStart = now;
    planVersion++;
    busy = true;
    return true;
  }
}
