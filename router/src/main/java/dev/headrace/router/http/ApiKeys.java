package dev.headrace.router.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The keys that clients may use: only full SHA-256 digests are held, and they are compared in
 * constant time, each with each, so that nothing is learned from how long a refusal takes.
 * Immutable.
 *
 * <p>The text has one key per line, {@code name:key} or {@code name:sha256:<64 hex digits>}; empty
 * lines and lines that begin with {@code #} are skipped.
 */
public final class ApiKeys {
  private static final String DIGEST_MARK = "sha256:";

  /** One key. */
  private static final class Entry {
    private final String name;
    private final byte[] digest;

    Entry(String name, byte[] digest) {
      this.name = name;
      this.digest = digest;
    }
  }

  private final List<Entry> entries;

  private ApiKeys(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /**
   * Reads the text of a keys file.
   *
   * @throws IllegalArgumentException names the line (never the key) that cannot be read
   */
  public static ApiKeys parse(String text) {
    List<Entry> entries = new ArrayList<>();
    int number = 0;
    for (String raw : text.split("\n", -1)) {
      number++;
      String line = raw.strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      if (colon < 1 || colon == line.length() - 1) {
        throw new IllegalArgumentException(
            "line " + number + ": expected 'name:key' or 'name:sha256:<hex>'");
      }
      entries.add(
          new Entry(line.substring(0, colon).strip(), digestOf(line.substring(colon + 1), number)));
    }
    return new ApiKeys(entries);
  }

  private static byte[] digestOf(String told, int number) {
    String text = told.strip();
    if (!text.startsWith(DIGEST_MARK)) {
      return sha256(text);
    }
    String hex = text.substring(DIGEST_MARK.length());
    try {
      byte[] digest = HexFormat.of().parseHex(hex);
      if (digest.length == 32) {
        return digest;
      }
    } catch (IllegalArgumentException e) {
      // Said below, in words that do not repeat the text.
    }
    throw new IllegalArgumentException(
        "line " + number + ": expected 64 hex digits after 'sha256:'");
  }

  /** The name of the key, or null when it is none of ours. */
  public @Nullable String nameOf(String key) {
    byte[] digest = sha256(key);
    String found = null;
    for (Entry entry : entries) {
      if (MessageDigest.isEqual(entry.digest, digest)) {
        found = entry.name;
      }
    }
    return found;
  }

  /** The names of all keys. */
  public Set<String> names() {
    return entries.stream().map(entry -> entry.name).collect(Collectors.toUnmodifiableSet());
  }

  public int size() {
    return entries.size();
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
