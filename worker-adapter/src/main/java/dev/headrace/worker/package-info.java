/**
 * What a worker is, as far as everybody needs to know: its address, engine, endpoints, failures.
 */
package dev.headrace.worker;
