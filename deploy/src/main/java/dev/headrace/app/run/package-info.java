/** What long-running commands share: waiting, signals, log lines. */
package dev.headrace.app.run;
