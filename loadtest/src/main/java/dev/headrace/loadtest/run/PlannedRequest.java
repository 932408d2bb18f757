package dev.headrace.loadtest.run;

import dev.headrace.loadtest.plan.Arrival;

/**
 * An arrival that is due.
 *
 * @param intendedNanos when it should start, on the clock of {@link System#nanoTime()}
 * @param measured false in the warm-up
 * @param waited whether it had to wait for a free place
 */
record PlannedRequest(Arrival arrival, long intendedNanos, boolean measured, boolean waited) {}
