package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.Engine;
import dev.headrace.worker.StreamEnd;
import dev.headrace.worker.engine.Engines;
import dev.headrace.worker.sim.SimOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The table in {@code docs/compatibility.md} is what the packaged router does: every endpoint is
 * asked of a worker of every engine. The table that was found stands in {@code
 * target/real/compatibility-table.md}.
 */
class CompatibilityIT {
  private static final Path DOCUMENT = Path.of("..", "docs", "compatibility.md");
  private static final String BEGIN = "<!-- table: begin -->\n";
  private static final String END = "<!-- table: end -->\n";

  private static final Map<String, String> SIMULATED = new LinkedHashMap<>();
  private static final List<StandInEngine> STAND_INS = new ArrayList<>();
  private static SimFleet engines;
  private static RouterProcess router;

  @BeforeAll
  static void start() {
    engines = new SimFleet();
    StringBuilder fleet = new StringBuilder("fleet:\n  static:\n");
    for (Engine engine : Engines.all()) {
      if (SimOptions.ENGINES.contains(engine.id())) {
        String model = simulatedModel(engine);
        String url = engines.add(SimOptions.of(engine.id()).withModels(model).instant()).url();
        SIMULATED.put(engine.id(), url);
        fleet.append(worker(engine, model, url));
      }
      StandInEngine standIn = new StandInEngine(engine);
      STAND_INS.add(standIn);
      fleet.append(worker(engine, standInModel(engine), standIn.url()));
    }
    router = RouterProcess.start(fleet.toString());
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(router.admin().get("/admin/v1/workers").json().at("/workers"))
                    .isNotEmpty()
                    .allMatch(worker -> worker.path("status").asText().equals("routable")));
  }

  @AfterAll
  static void stop() {
    if (router != null) {
      router.close();
    }
    STAND_INS.forEach(StandInEngine::close);
    if (engines != null) {
      engines.close();
    }
  }

  @Test
  void theCommittedTableIsWhatTheRouterDoes() throws Exception {
    StringBuilder table = new StringBuilder("\n| endpoint |");
    Engines.all().forEach(engine -> table.append(" `").append(engine.id()).append("` |"));
    table.append("\n|---|").append("---|".repeat(Engines.all().size())).append('\n');
    for (Endpoint endpoint : Endpoint.values()) {
      table.append("| `").append(String.join("`, `", endpoint.paths())).append("` |");
      for (Engine engine : Engines.all()) {
        table.append(' ').append(cell(endpoint, engine)).append(" |");
      }
      table.append('\n');
    }
    table.append('\n');
    Files.writeString(ChildProcess.folder().resolve("compatibility-table.md"), table);

    String document = Files.readString(DOCUMENT);
    int begin = document.indexOf(BEGIN) + BEGIN.length();
    assertThat(document.substring(begin, document.indexOf(END, begin)))
        .as("the table between the marks in %s", DOCUMENT)
        .isEqualTo(table.toString());
  }

  /** What the router does with this endpoint before a worker of this engine. */
  private static String cell(Endpoint endpoint, Engine engine) {
    String where = endpoint + " on " + engine.id();
    if (engine.pathOf(endpoint) == null) {
      Caller.Answer refused = ask(endpoint, standInModel(engine), false);
      assertThat(refused.status()).as(where).isEqualTo(404);
      assertThat(refused.body()).as(where).contains(refusal(endpoint));
      return "–";
    }
    boolean simulated = simulated(endpoint, engine);
    String model = simulated ? simulatedModel(engine) : standInModel(engine);
    String mark = simulated ? "●" : "○";
    if (endpoint != Endpoint.GENERATE_STREAM) {
      Caller.Answer whole = ask(endpoint, model, false);
      assertThat(whole.status()).as("%s: %s", where, whole.body()).isEqualTo(200);
      if (!endpoint.streams()
          || endpoint.body() == Endpoint.Body.MULTIPART
          || engine.streamEnd(endpoint) == StreamEnd.BODY_END) {
        return mark;
      }
    }
    Caller.Answer stream = ask(endpoint, model, true);
    assertThat(stream.status()).as("%s: %s", where, stream.body()).isEqualTo(200);
    assertThat(stream.headers().firstValue("content-type").orElse(""))
        .as(where)
        .startsWith("text/event-stream");
    assertThat(stream.body()).as(where).containsPattern(endMark(engine.streamEnd(endpoint)));
    assertThat(stream.body()).as(where).doesNotContain("{\"error\"", "event: error");
    return mark + " stream";
  }

  /** How the refusal of an endpoint that no worker has is told in the endpoint's own form. */
  private static String refusal(Endpoint endpoint) {
    return endpoint.dialect() == Endpoint.Dialect.ANTHROPIC
        ? "not_found_error"
        : "unsupported_endpoint";
  }

  private static String endMark(StreamEnd end) {
    return switch (end) {
      case DONE_MARK -> "data: ?\\[DONE]";
      case MESSAGE_STOP -> "message_stop";
      case RESPONSE_TERMINAL -> "response\\.(completed|incomplete)";
      case GENERATED_TEXT -> "\"generated_text\":\"";
      case BODY_END -> "";
    };
  }

  /** True when the engine's simulation has the endpoint. */
  private static boolean simulated(Endpoint endpoint, Engine engine) {
    String url = SIMULATED.get(engine.id());
    if (url == null) {
      return false;
    }
    EndpointRequest request = EndpointRequest.of(endpoint, simulatedModel(engine), false);
    int status =
        new Caller(url)
            .post(String.valueOf(engine.pathOf(endpoint)), request.contentType(), request.body())
            .status();
    return status == 200;
  }

  private static Caller.Answer ask(Endpoint endpoint, String model, boolean stream) {
    EndpointRequest request = EndpointRequest.of(endpoint, model, stream);
    return router.caller().post(endpoint.path(), request.contentType(), request.body());
  }

  private static String worker(Engine engine, String model, String url) {
    return "    - { id: %s, url: \"%s\", engine: %s, models: [%s] }\n"
        .formatted(model, url, engine.id(), model);
  }

  private static String simulatedModel(Engine engine) {
    return engine.id() + "-simulated";
  }

  private static String standInModel(Engine engine) {
    return engine.id() + "-stand-in";
  }
}
