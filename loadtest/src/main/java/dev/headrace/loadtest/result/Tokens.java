package dev.headrace.loadtest.result;

/**
 * Tokens of completed requests.
 *
 * @param source {@code usage} when every answer said how many, {@code events} when contents were
 *     counted instead, else {@code mixed}
 * @param perContent output tokens per content event; 1 unless chunks are coalesced or split
 */
public record Tokens(long prompt, long cached, long output, String source, double perContent) {}
