package dev.headrace.router.fleet;

/**
 * How far one source can be trusted now.
 *
 * @param workers in its last list
 * @param reported it has given a list since this process started
 * @param fromDisk its workers are those of an earlier process
 * @param ageNanos since its list was last known to be right; -1 when nothing is known
 */
public record SourceStatus(
    String name, int workers, boolean reported, boolean fromDisk, long ageNanos) {}
