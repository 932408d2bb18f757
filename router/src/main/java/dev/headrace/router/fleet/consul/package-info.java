/**
 * The fleet as a Consul agent knows it: service instances become workers, entries of the key-value
 * store become model settings. Everything here runs on the one Vert.x context that started it.
 */
package dev.headrace.router.fleet.consul;
