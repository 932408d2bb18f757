/**
 * Load generator and its reports: how fast a worker, a fleet or a router is, measured so that the
 * number can be trusted.
 */
package dev.headrace.loadtest;
