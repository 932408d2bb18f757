/**
 * Readers of the engines' load gauges, all into one normal form. What an engine does not tell is
 * unknown, never zero.
 */
package dev.headrace.worker.load;
