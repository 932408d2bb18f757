/**
 * The agent beside an engine: it asks the engine what it is, registers it where routers look, keeps
 * that registration true, and takes it back before the engine stops. Everything runs on the one
 * Vert.x context that started the agent, except the thread that waits for an owned process.
 */
package dev.headrace.worker.agent;
