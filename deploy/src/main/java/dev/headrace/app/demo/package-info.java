/** {@code headrace demo}: the first minute, in one screen. */
package dev.headrace.app.demo;
