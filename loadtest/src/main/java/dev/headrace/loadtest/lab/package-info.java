/**
 * The policy laboratory: discrete-event simulation in virtual time of engines under the router's
 * own balance classes.
 */
package dev.headrace.loadtest.lab;
