package dev.headrace.worker.sim;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What a request wants generated, whatever API it came in by.
 *
 * @param model the name asked for, empty when absent
 * @param prompt tokens of all text that the engine has to read
 * @param maxTokens the most tokens that the client wants, or -1 when it does not say
 * @param minTokens the least
 * @param ignoreEos runs on to {@code maxTokens}
 * @param tool the call to answer with, or null to answer with text
 * @param includeUsage the stream shall tell its usage at its end
 * @param body the request as it was
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Ask(
    String model,
    int[] prompt,
    boolean stream,
    int maxTokens,
    int minTokens,
    boolean ignoreEos,
    @Nullable ToolCall tool,
    boolean includeUsage,
    JsonObject body) {}
