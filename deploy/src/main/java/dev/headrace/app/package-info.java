/** The command line and the runnable program. */
package dev.headrace.app;
