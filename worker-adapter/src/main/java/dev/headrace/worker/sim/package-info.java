/**
 * Simulated engines: real HTTP servers that speak one engine's dialect, compute nothing, and take
 * the time that a cost model says. Used by the demo, by tests and by benchmarks.
 */
package dev.headrace.worker.sim;
