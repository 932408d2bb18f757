/**
 * The admin port: fleet, models, meters, log levels, probes. Its own server, off the data loops.
 */
@NullMarked
package dev.headrace.router.admin;

import org.jspecify.annotations.NullMarked;
