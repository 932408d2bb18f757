package dev.headrace.loadtest.stream;

/**
 * What the worker says that it counted.
 *
 * @param cached prompt tokens that came out of its prefix cache
 */
public record TokenUsage(long prompt, long completion, long cached) {}
