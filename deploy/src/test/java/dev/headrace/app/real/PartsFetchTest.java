package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code deploy/parts/prepare-sdks} with an npm of this test's: a fetch that fails says why, there
 * is one at a time, and none outlives its script.
 */
class PartsFetchTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir private Path folder;
  private Path parts;

  @BeforeEach
  void tools() {
    assumeThat(List.of("/bin/bash", "/usr/bin/flock", "/usr/bin/timeout"))
        .allMatch(tool -> Files.isExecutable(Path.of(tool)));
    parts = folder.resolve("parts");
  }

  @Test
  void aFailedFetchLeavesItsReasonForTheSuites() throws IOException {
    npm("echo 'npm error request failed, reason: nobody there'; exit 1");
    try (ChildProcess fetch = fetch()) {
      assertThat(fetch.await(LIMIT)).isEqualTo(1);
      assertThat(fetch.output()).contains("nobody there");
    }
    assertThat(parts.resolve("js.missing")).content().contains("nobody there");

    npm("mkdir node_modules");
    try (ChildProcess fetch = fetch()) {
      assertThat(fetch.await(LIMIT)).isZero();
    }
    assertThat(parts.resolve("js.missing")).doesNotExist();
  }

  @Test
  void twoRunsDoNotFetchAtTheSameTime() throws IOException {
    npm("echo >>'%1$s/fetches'; until [ -e '%1$s/go' ]; do sleep 0.05; done".formatted(folder));
    try (ChildProcess first = fetch()) {
      await().atMost(LIMIT).until(() -> Files.exists(folder.resolve("fetches")));
      try (ChildProcess second = fetch()) {
        await().atMost(LIMIT).until(() -> second.output().contains("waiting for it"));
        Files.createFile(folder.resolve("go"));
        assertThat(first.await(LIMIT)).isZero();
        assertThat(second.await(LIMIT)).isZero();
      }
    }
    assertThat(folder.resolve("fetches")).as("what the first had brought").hasContent("\n");
  }

  @Test
  void whoeverEndsTheScriptEndsTheFetch() throws IOException {
    npm("echo $$ >'%1$s/new' && mv '%1$s/new' '%1$s/pid'; exec sleep 600".formatted(folder));
    try (ChildProcess fetch = fetch()) {
      await().atMost(LIMIT).until(() -> Files.exists(folder.resolve("pid")));
      long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());

      fetch.terminate();

      await().atMost(LIMIT).until(() -> ProcessHandle.of(pid).isEmpty());
    }
    assertThat(parts.resolve("js.missing")).content().contains("was stopped");
  }

  private void npm(String script) throws IOException {
    Path npm = Files.createDirectories(folder.resolve("bin")).resolve("npm");
    Files.writeString(npm, "#!/bin/sh\n" + script + "\n");
    assertThat(npm.toFile().setExecutable(true)).isTrue();
  }

  private ChildProcess fetch() {
    String path = folder.resolve("bin") + ":" + System.getenv("PATH");
    return ChildProcess.start(
        "prepare-sdks",
        List.of(Path.of("parts", "prepare-sdks").toAbsolutePath().toString(), "js"),
        Map.of("HEADRACE_PARTS", parts.toString(), "PATH", path));
  }
}
