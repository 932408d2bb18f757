package dev.headrace.loadtest.result;

/**
 * Requests of the measured window.
 *
 * @param planned started or dropped
 * @param waited started late because as many as allowed were unanswered
 * @param resent sends repeated because a used connection closed before any answer
 * @param empty completed without a single token
 * @param withoutDone complete streams without {@code [DONE]}
 */
public record Counts(
    long planned,
    long started,
    long completed,
    long failed,
    long dropped,
    long waited,
    long resent,
    long empty,
    long withoutDone) {}
