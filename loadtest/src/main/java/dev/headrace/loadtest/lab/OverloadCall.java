package dev.headrace.loadtest.lab;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.admission.Refusal;
import dev.headrace.router.admission.Ticket;
import org.jspecify.annotations.Nullable;

/**
 * What one client wants under overload, over all its tries. Times are seconds of virtual time, NaN
 * until they happened. Confined to the simulation's thread.
 */
final class OverloadCall {
  final LabRequest request;
  final Priority priority;
  final int tenant;

  int tries;

  /** When the current try reached the router. */
  double asked = Double.NaN;

  /** When a try got a place. */
  double placed = Double.NaN;

  /** Output tokens that came while the figures count. */
  int countedTokens;

  @Nullable Refusal lastRefusal;
  @Nullable Ticket<OverloadCall> ticket;

  OverloadCall(LabRequest request, Priority priority, int tenant) {
    this.request = request;
    this.priority = priority;
    this.tenant = tenant;
  }

  /** How long the try that got a place waited for it. */
  double waited() {
    return placed - asked;
  }
}
