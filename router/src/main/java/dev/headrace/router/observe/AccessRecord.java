package dev.headrace.router.observe;

import org.jspecify.annotations.Nullable;

/**
 * One exchange in one line. Times are in milliseconds, -1 where there was none; tokens are as the
 * worker told them, -1 where it did not.
 *
 * @param worker the opaque id of the last worker tried, or null
 * @param key name (never the text) of the API key, or null
 * @param status what the client got; 499 when it left
 * @param code error code, or null
 */
public record AccessRecord(
    String requestId,
    String endpoint,
    @Nullable String model,
    @Nullable String worker,
    @Nullable String key,
    int status,
    String outcome,
    @Nullable String code,
    boolean stream,
    int attempts,
    double queueMillis,
    double firstTokenMillis,
    double totalMillis,
    long promptTokens,
    long completionTokens,
    long bytesIn,
    long bytesOut) {}
