package dev.headrace.loadtest.result;

/**
 * How the generator itself fared.
 *
 * @param busiestLoop CPU time of the busiest event loop's thread per second, from 0 to 1
 * @param cpu CPU time of the whole process per second; 1 is one core
 * @param gcMillis all garbage collection in the run
 * @param pacingP99Millis its own lateness, NaN when nothing was sent on time
 * @param loopLagP99Millis lateness of its event loops
 */
public record GeneratorHealth(
    double busiestLoop,
    double cpu,
    long gcMillis,
    double pacingP99Millis,
    double loopLagP99Millis) {}
