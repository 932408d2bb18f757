/**
 * Who gets a request: the pool behind a model's name, the choice of a worker with its reservation,
 * the wait while all are full, and the record of why.
 */
package dev.headrace.router.dispatch;
