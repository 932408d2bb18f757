/** What a run found, whether it may be believed, and how that is shown. */
package dev.headrace.loadtest.result;
