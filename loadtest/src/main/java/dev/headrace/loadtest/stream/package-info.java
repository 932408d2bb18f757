/** What an answer's bytes say, and when they said it: pure, without I/O. */
package dev.headrace.loadtest.stream;
