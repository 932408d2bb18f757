/**
 * Requests that wait for a place: who is next, how long it may take, who is refused. Pure: no I/O,
 * no clock of its own, no threads.
 */
package dev.headrace.router.admission;
