package dev.headrace.router.fleet;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names of workers that clients may see: {@code w-} and 8 hexadecimal digits of SHA-256 over a salt
 * and the worker's key. The same key always has the same name under one salt; without the salt,
 * nobody can try addresses until one fits. Any thread.
 */
final class PublicIds {
  private final String salt;

  PublicIds(String salt) {
    this.salt = salt;
  }

  String of(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest((salt + '\n' + key).getBytes(StandardCharsets.UTF_8));
      return "w-" + HexFormat.of().formatHex(digest, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
