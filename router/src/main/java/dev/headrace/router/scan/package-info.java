/** Reads the few facts that routing needs out of request bodies, and edits them in place. Pure. */
package dev.headrace.router.scan;
