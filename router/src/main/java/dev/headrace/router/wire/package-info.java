/**
 * The bytes on both sides of an exchange. {@link dev.headrace.router.wire.ClientSide} writes to a
 * client, {@link dev.headrace.router.wire.WorkerSide} asks workers on connections of its own. What
 * is above sees header lines and bytes, never a request or a buffer of the framework.
 */
package dev.headrace.router.wire;
