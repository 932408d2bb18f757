/**
 * What the holder of an API key may use: requests and tokens per minute, requests at the same time.
 * Pure: no I/O, no clock of its own, no threads.
 */
package dev.headrace.router.limit;
