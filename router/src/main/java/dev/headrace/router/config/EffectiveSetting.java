package dev.headrace.router.config;

/**
 * One setting that holds, for a person to read.
 *
 * @param value as it may be shown: secrets are hidden, environment references stay references
 * @param origin who set it
 */
public record EffectiveSetting(String path, String value, Origin origin) {}
