package dev.headrace.router.http;

import org.jspecify.annotations.Nullable;

/**
 * Whether a request may pass.
 *
 * @param granted it may
 * @param key name of the key that it showed, or null when none is needed
 * @param refusal what to tell a client that may not
 */
record Access(boolean granted, @Nullable String key, String refusal) {
  static final Access OPEN = new Access(true, null, "");
  static final Access NO_KEY =
      new Access(
          false,
          null,
          "An API key is needed: 'Authorization: Bearer <key>' or 'x-api-key: <key>'.");
  static final Access UNKNOWN_KEY = new Access(false, null, "The API key is not known.");

  static Access of(String key) {
    return new Access(true, key, "");
  }
}
