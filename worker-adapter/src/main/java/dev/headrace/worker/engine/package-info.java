/**
 * One small class per engine: which endpoints it serves and where, what its health, errors, error
 * events and model list mean, and where its load is told. All of it is pure: texts in, meanings
 * out.
 */
package dev.headrace.worker.engine;
