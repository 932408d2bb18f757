package dev.headrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.Engine;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.StreamEnd;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.LoadReader;
import dev.headrace.worker.load.WorkerLoad;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every engine promises. A test of an engine extends this, adds a folder of wire fixtures (see
 * {@link Fixtures}) and says what its model list, profile and load mean.
 */
abstract class EngineContract {

  final Engine engine;
  final Fixtures fixtures;

  EngineContract(String id) {
    engine = java.util.Objects.requireNonNull(Engines.byId(id));
    fixtures = new Fixtures(id);
  }

  /** Every endpoint that it serves, with its path. */
  abstract Map<Endpoint, String> served();

  /** What {@code models.json} lists. */
  abstract List<ServedModel> listed();

  @Test
  void it_serves_its_endpoints_and_no_others() {
    Map<Endpoint, String> expected = served();
    for (Endpoint endpoint : Endpoint.values()) {
      assertThat(engine.pathOf(endpoint)).as(endpoint.name()).isEqualTo(expected.get(endpoint));
    }
  }

  @Test
  void it_reads_its_model_list() {
    assertThat(engine.models(fixtures.read("models.json"))).isEqualTo(listed());
  }

  @TestFactory
  Stream<DynamicTest> it_understands_its_health() {
    return each(
        "health",
        (parts, body) -> {
          WorkerHealth health = engine.health(Integer.parseInt(parts[0]), body);
          assertThat(health.state()).hasToString(parts[1]);
          assertThat(health.reason().isEmpty()).as("reason").isEqualTo(health.ready());
        });
  }

  @TestFactory
  Stream<DynamicTest> it_understands_its_errors() {
    return each(
        "errors",
        (parts, body) ->
            assertThat(engine.failure(Integer.parseInt(parts[0]), body)).hasToString(parts[1]));
  }

  @TestFactory
  Stream<DynamicTest> it_understands_its_error_events() {
    return each(
        "events", (parts, body) -> assertThat(engine.streamFailure(body)).hasToString(parts[0]));
  }

  @TestFactory
  Stream<DynamicTest> its_streams_end_as_it_says() {
    return each(
        "streams",
        (parts, body) -> {
          StreamEnd end = engine.streamEnd(endpoint(parts[0]));
          List<SseFrame> frames = SseFrame.all(body);
          Predicate<SseFrame> isEnd = frame -> frame.isEnd(end);
          switch (parts[1]) {
            case "good" -> {
              assertThat(frames).filteredOn(isEnd).hasSize(1);
              assertThat(frames.get(frames.size() - 1)).matches(isEnd);
              assertThat(frames).noneMatch(SseFrame::isError);
            }
            case "error" -> {
              List<SseFrame> errors = frames.stream().filter(SseFrame::isError).toList();
              assertThat(errors).hasSize(1);
              assertThat(engine.streamFailure(errors.get(0).data())).hasToString(parts[2]);
            }
            case "truncated" ->
                assertThat(frames).noneMatch(isEnd).noneMatch(SseFrame::isError).isNotEmpty();
            default -> throw new IllegalArgumentException(parts[1]);
          }
        });
  }

  @Test
  void all_its_paths_begin_with_a_slash() {
    List<String> paths = new ArrayList<>(served().values());
    paths.add(engine.healthPath());
    paths.add(engine.modelsPath());
    paths.addAll(engine.profilePaths());
    engine.loadReaders().stream().map(LoadReader::path).forEach(paths::add);
    if (engine.livenessPath() != null) {
      paths.add(engine.livenessPath());
    }
    assertThat(paths).allMatch(path -> path.startsWith("/") && !path.endsWith("/"));
  }

  @Test
  void a_token_stream_has_an_end_mark_and_options_go_only_where_they_are_taken() {
    for (Endpoint endpoint : served().keySet()) {
      StreamEnd end = engine.streamEnd(endpoint);
      boolean tokens =
          switch (endpoint) {
            case CHAT, COMPLETIONS, RESPONSES, MESSAGES, GENERATE_STREAM -> true;
            default -> false;
          };
      if (tokens) {
        assertThat(end).as(endpoint.name()).isNotEqualTo(StreamEnd.BODY_END);
      }
      if (!endpoint.streams()) {
        assertThat(end).as(endpoint.name()).isEqualTo(StreamEnd.BODY_END);
      }
      if (engine.takesStreamOptions(endpoint)) {
        assertThat(end).as(endpoint.name()).isEqualTo(StreamEnd.DONE_MARK);
      }
    }
  }

  @Test
  void junk_never_throws_and_changes_nothing() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> texts = Fixtures.everything();
    for (int round = 0; round < 4_000; round++) {
      String junk = junk(random, texts);
      int status = 100 + random.nextInt(500);
      assertThatCode(() -> readEverything(status, junk))
          .as("seed %d, round %d: %s", seed, round, junk)
          .doesNotThrowAnyException();
    }
    for (String nothing : List.of("", " ", "null", "[]", "{}", "<html></html>", "[[[[", "\u0000")) {
      WorkerProfile bare = new WorkerProfile(engine.id(), null, List.of(), null);
      for (String path : engine.profilePaths()) {
        assertThat(engine.readProfile(bare, path, nothing)).isSameAs(bare);
      }
      assertThat(engine.models(nothing)).isEmpty();
      for (LoadReader reader : engine.loadReaders()) {
        assertThat(reader.read(nothing, 7)).isEqualTo(WorkerLoad.unknown(7));
      }
    }
  }

  private void readEverything(int status, String body) {
    assertThat(engine.health(status, body)).isNotNull();
    assertThat(engine.failure(status, body)).isInstanceOf(FailureKind.class);
    assertThat(engine.streamFailure(body)).isInstanceOf(FailureKind.class);
    assertThat(engine.models(body)).doesNotContainNull();
    WorkerProfile profile = new WorkerProfile(engine.id(), null, List.of(), null);
    for (String path : engine.profilePaths()) {
      profile = engine.readProfile(profile, path, body);
      assertThat(profile.engine()).isEqualTo(engine.id());
    }
    for (LoadReader reader : engine.loadReaders()) {
      WorkerLoad load = reader.read(body, 1);
      assertThat(load.running()).isGreaterThanOrEqualTo(WorkerLoad.UNKNOWN);
      assertThat(load.waiting()).isGreaterThanOrEqualTo(WorkerLoad.UNKNOWN);
      assertThat(Double.isNaN(load.kvUsage()) || (load.kvUsage() >= 0 && load.kvUsage() <= 1))
          .isTrue();
    }
    for (String path : EngineDetector.questions()) {
      EngineDetector.proven(new EngineDetector.Answer(path, status, body));
    }
  }

  /** Random bytes, or a fixture that is cut short, disturbed, doubled or deeply nested. */
  private static String junk(Random random, List<String> texts) {
    String text = texts.get(random.nextInt(texts.size()));
    switch (random.nextInt(5)) {
      case 0:
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
      case 1:
        return text.substring(0, random.nextInt(text.length() + 1));
      case 2:
        StringBuilder disturbed = new StringBuilder(text);
        for (int i = 0; i < 4 && !text.isEmpty(); i++) {
          disturbed.setCharAt(random.nextInt(text.length()), (char) random.nextInt(256));
        }
        return disturbed.toString();
      case 3:
        return text + texts.get(random.nextInt(texts.size()));
      default:
        return "[".repeat(random.nextInt(3000)) + text;
    }
  }

  /** Reads {@code profile/<file>} as the answer to the path. */
  final WorkerProfile profile(String path, String file) {
    return engine.readProfile(
        new WorkerProfile(engine.id(), null, List.of(), null),
        path,
        fixtures.read("profile/" + file));
  }

  /** Reads {@code load/<file>} with the reader of this path. */
  final WorkerLoad load(String path, String file) {
    LoadReader reader =
        engine.loadReaders().stream().filter(r -> r.path().equals(path)).findFirst().orElseThrow();
    return reader.read(fixtures.read("load/" + file), 7);
  }

  private interface Check {
    void of(String[] parts, String body);
  }

  private Stream<DynamicTest> each(String kind, Check check) {
    return fixtures.list(kind).stream()
        .map(
            file ->
                dynamicTest(
                    file.getFileName().toString(),
                    () -> check.of(Fixtures.parts(file), Fixtures.read(file))));
  }

  private static Endpoint endpoint(String label) {
    return Stream.of(Endpoint.values())
        .filter(endpoint -> endpoint.label().equals(label))
        .findFirst()
        .orElseThrow();
  }
}
