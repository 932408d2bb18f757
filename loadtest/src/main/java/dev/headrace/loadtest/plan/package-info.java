/** What will be sent, and when: pure, seeded, repeatable. */
package dev.headrace.loadtest.plan;
