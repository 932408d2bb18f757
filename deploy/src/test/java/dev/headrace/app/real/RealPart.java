package dev.headrace.app.real;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A program that is not ours, from {@code PATH} or else from the folder of parts, and for those
 * that run client libraries the libraries in that folder. The folder is filled before the suites
 * start, by {@code deploy/parts}; here nothing is fetched. Suites say by {@link NeedsParts} which
 * they need.
 */
enum RealPart {
  CONSUL("consul", "get-parts", "consul", null),
  LLAMA_SERVER("llama-server", "get-parts", "llama", null),
  JAVASCRIPT("node", "prepare-sdks", "js", Path.of("src", "test", "js", "package.json")),
  PYTHON("python3", "prepare-sdks", "py", Path.of("src", "test", "py", "requirements.txt"));

  private final String program;
  private final String script;
  private final String name;
  private final @Nullable Path pins;

  RealPart(String program, String script, String name, @Nullable Path pins) {
    this.program = program;
    this.script = script;
    this.name = name;
    this.pins = pins;
  }

  /** The program's file. */
  Path program() {
    return find().orElseThrow(() -> new AssertionError(missing() + "; is it in @NeedsParts?"));
  }

  /** The folder with the libraries, in exactly the pinned versions. */
  Path libraries() {
    if (pins == null) {
      throw new IllegalStateException(program + " comes without libraries");
    }
    return folder().resolve("sdks").resolve(name + "-" + digest(pins));
  }

  /** What of it is not there, and why; empty when all is. */
  Optional<String> missing() {
    if (find().isEmpty()) {
      return Optional.of(program + " is neither on PATH nor in " + bin() + why());
    }
    if (pins != null && !Files.exists(libraries().resolve("ready"))) {
      return Optional.of(libraries() + " is not filled" + why());
    }
    return Optional.empty();
  }

  private String why() {
    try {
      String reason = Files.readString(folder().resolve(name + ".missing")).strip();
      return ": deploy/parts/" + script + " said: " + reason;
    } catch (IOException e) {
      return ": run deploy/parts/" + script + " " + name;
    }
  }

  private static Path folder() {
    String configured = System.getenv("HEADRACE_PARTS");
    if (configured != null && !configured.isBlank()) {
      return Path.of(configured);
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base =
        cache != null && !cache.isBlank()
            ? Path.of(cache)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("headrace").resolve("parts");
  }

  private static Path bin() {
    return folder().resolve("bin");
  }

  private Optional<Path> find() {
    for (String entry : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      Path candidate = Path.of(entry, program);
      if (!entry.isEmpty() && Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    Path fetched = bin().resolve(program);
    return Files.isExecutable(fetched) ? Optional.of(fetched) : Optional.empty();
  }

  private static String digest(Path file) {
    try {
      byte[] sha = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(sha).substring(0, 12);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
