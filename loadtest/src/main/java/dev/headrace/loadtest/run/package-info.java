/** The generator itself: event loops that send the plan and time the answers. */
package dev.headrace.loadtest.run;
