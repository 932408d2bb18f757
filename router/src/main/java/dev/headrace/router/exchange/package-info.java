/**
 * The exchange: one client request with all its attempts, from the first byte to the last. The only
 * place that knows both HTTP sides.
 */
package dev.headrace.router.exchange;
