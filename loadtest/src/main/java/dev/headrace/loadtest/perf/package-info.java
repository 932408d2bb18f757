/**
 * Performance proofs, each one command below {@code loadtest/perf}: what the router costs beside
 * nginx and HAProxy, and how long it takes to start. Programs for Linux, of blocking style: they
 * run on their own thread and wait for processes.
 */
package dev.headrace.loadtest.perf;
