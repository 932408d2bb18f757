package dev.headrace.loadtest;

import java.time.Duration;

/**
 * How a run stands, the warm-up included.
 *
 * @param elapsed since the begin of the warm-up
 * @param ttftMillis median of the last second's measured requests; NaN without any
 */
public record Progress(
    Duration elapsed, long completed, long failed, long inFlight, double ttftMillis) {}
