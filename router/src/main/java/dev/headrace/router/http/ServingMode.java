package dev.headrace.router.http;

/**
 * How far a router is on its way out. {@link #DRAINING} still serves, but tells load balancers and
 * clients to go elsewhere; {@link #REFUSING} takes nothing new.
 */
enum ServingMode {
  SERVING,
  DRAINING,
  REFUSING
}
