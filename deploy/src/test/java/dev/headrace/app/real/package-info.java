/**
 * The suites that talk to real programs: llama-server, Consul, and the official client libraries,
 * through the packaged router that a user starts.
 */
@org.jspecify.annotations.NullMarked
package dev.headrace.app.real;
