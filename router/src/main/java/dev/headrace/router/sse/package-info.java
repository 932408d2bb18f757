/** Server-sent events as bytes: where frames end, and the few facts in them that matter. Pure. */
package dev.headrace.router.sse;
