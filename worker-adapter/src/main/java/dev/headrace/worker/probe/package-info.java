/** Asking workers over HTTP what they are, how they are and how busy they are. */
package dev.headrace.worker.probe;
