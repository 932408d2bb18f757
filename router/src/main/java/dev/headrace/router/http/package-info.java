/**
 * The data port: connections, framing, routes, keys; what happens before and beside an exchange.
 */
package dev.headrace.router.http;
