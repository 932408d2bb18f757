package dev.headrace.loadtest.plan;

/**
 * One planned request.
 *
 * @param index position in its plan, from 0
 * @param atNanos intended start after the plan's beginning; 0 in a plan without a rate
 * @param promptTokens length of the prompt that is asked for
 * @param maxTokens bound on the answer's tokens
 * @param textSeed what the words of the prompt are drawn from
 */
public record Arrival(long index, long atNanos, int promptTokens, int maxTokens, long textSeed) {}
