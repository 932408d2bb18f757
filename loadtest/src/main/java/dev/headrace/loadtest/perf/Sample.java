package dev.headrace.loadtest.perf;

/**
 * One measured window.
 *
 * @param microsPerUnit CPU of the proxy's process for one unit of the workload; NaN where none was
 *     taken
 * @param perSecond units per second
 * @param core CPU of the proxy's process, in cores
 * @param firstTokenMicros median from send to first token
 * @param errors bad statuses and broken connections
 */
record Sample(
    double microsPerUnit, double perSecond, double core, double firstTokenMicros, long errors) {}
