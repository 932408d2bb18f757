package dev.headrace.router.admin;

import static dev.headrace.router.fleet.FleetRig.fixed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.fleet.StaticFleetSource;
import io.vertx.core.Future;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever is sent to the admin port, there is one clear answer and no stack trace. */
final class AdminPortIsRobustTest {
  private static final Logger SILENCED = Logger.getLogger(AdminApi.class.getName());

  private final AdminRig rig =
      new AdminRig(
          null,
          true,
          List.of(
              Operation.get(
                  "/admin/v1/throws",
                  "throws",
                  "Throws",
                  null,
                  context -> {
                    throw new IllegalStateException("secret detail");
                  }),
              Operation.get(
                  "/admin/v1/fails",
                  "fails",
                  "Fails",
                  null,
                  context -> Future.failedFuture(new AssertionError("secret detail")))),
          new StaticFleetSource(List.of(fixed("s1", 9001, "m"))));

  @AfterEach
  void close() {
    SILENCED.setLevel(null);
    rig.close();
  }

  private String raw(String request) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", rig.port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      StringBuilder answer = new StringBuilder();
      byte[] chunk = new byte[8192];
      while (answer.indexOf("\r\n\r\n") < 0) {
        int n = in.read(chunk);
        if (n < 0) {
          break;
        }
        answer.append(new String(chunk, 0, n, StandardCharsets.US_ASCII));
      }
      return answer.toString();
    }
  }

  @Test
  void whatAHandlerThrowsBecomesAPlainError() {
    SILENCED.setLevel(Level.OFF);
    for (String path : List.of("/admin/v1/throws", "/admin/v1/fails")) {
      AdminRig.Answer answer = rig.call("GET", path, null);
      assertThat(answer.status()).isEqualTo(500);
      assertThat(answer.error().getString("code")).isEqualTo("internal_error");
      assertThat(answer.text()).doesNotContain("secret detail").doesNotContain("Exception");
    }
  }

  @Test
  void unknownPathsMethodsAndBodiesAreRefusedInOneForm() throws Exception {
    assertThat(rig.call("GET", "/nothing", null).error().getString("code"))
        .isEqualTo("unknown_path");
    assertThat(rig.call("PATCH", "/admin/v1/workers", "{}").error().getString("code"))
        .isEqualTo("method_not_allowed");
    assertThat(rig.call("POST", "/admin/v1/workers", "{\"id\"").error().getString("code"))
        .isEqualTo("invalid_json");
    assertThat(rig.call("POST", "/admin/v1/workers", "[]").error().getString("code"))
        .isEqualTo("invalid_json");
    AdminRig.Answer large =
        rig.call("POST", "/admin/v1/workers", "{\"id\":\"" + "x".repeat(300_000) + "\"}");
    assertThat(large.status()).isEqualTo(413);
    assertThat(large.error().getString("code")).isEqualTo("request_too_large");
    assertThat(
            rig.call("POST", "/admin/v1/workers", "a=b", null, "Content-Type", "text/plain")
                .status())
        .isEqualTo(415);
    assertThat(raw("GET /admin/v1/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
  }

  @Test
  void aBrowserThatShowsAForeignPageIsKeptOut() throws Exception {
    assertThat(
            rig.call(
                    "POST",
                    "/admin/v1/workers/s1/drain",
                    null,
                    null,
                    "Origin",
                    "https://evil.example")
                .status())
        .isEqualTo(403);
    assertThat(rig.directory.current().workers().get("static/s1").live().drainedByOperator())
        .isFalse();
    assertThat(raw("GET /admin/v1/workers HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
        .startsWith("HTTP/1.1 403");
    assertThat(raw("GET /admin/v1/workers HTTP/1.1\r\nHost: localhost:8089\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(raw("GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void oddFramingIsRefused() throws Exception {
    assertThat(
            raw(
                "POST /admin/v1/workers HTTP/1.1\r\nHost: localhost\r\n"
                    + "Transfer-Encoding: gzip\r\n\r\nx"))
        .startsWith("HTTP/1.1 400");
  }

  @Test
  void aWorkerOfAnotherSourceCannotBeRemovedHere() {
    AdminRig.Answer answer = rig.call("DELETE", "/admin/v1/workers/s1", null);
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.error().getString("message")).contains("static source");
  }

  @Test
  void readinessFollowsItsSupplier() {
    assertThat(rig.call("GET", "/readyz", null).status()).isEqualTo(200);
    rig.notReady = "shutting down";
    AdminRig.Answer answer = rig.call("GET", "/readyz", null);
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.json().getString("reason")).isEqualTo("shutting down");
    assertThat(rig.call("GET", "/health", null).status()).isEqualTo(200);
  }

  @Test
  void metersAreRendered() {
    rig.meters.counter("headrace_test_things").increment(3);
    AdminRig.Answer answer = rig.call("GET", "/metrics", null);
    assertThat(answer.type()).startsWith("text/plain");
    assertThat(answer.text()).contains("headrace_test_things_total 3.0");
    AdminRig.Answer open =
        rig.call("GET", "/metrics", null, null, "Accept", "application/openmetrics-text");
    assertThat(open.type()).startsWith("application/openmetrics-text");
    assertThat(open.text()).endsWith("# EOF\n");
  }

  @Test
  void logLevelsAreShownAndChanged() {
    String name = "dev.headrace.router.admin.LevelTest";
    AdminRig.Answer answer =
        rig.call("PUT", "/admin/v1/log-level", "{\"logger\":\"" + name + "\",\"level\":\"fine\"}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(Logger.getLogger(name).isLoggable(Level.FINE)).isTrue();
    assertThat(
            rig.call("GET", "/admin/v1/log-level", null)
                .json()
                .getJsonObject("loggers")
                .getString(name))
        .isEqualTo("FINE");
    rig.call("PUT", "/admin/v1/log-level", "{\"logger\":\"" + name + "\",\"level\":null}");
    assertThat(Logger.getLogger(name).getLevel()).isNull();
    assertThat(
            rig.call(
                    "PUT",
                    "/admin/v1/log-level",
                    "{\"logger\":\"" + name + "\",\"level\":\"LOUD\"}")
                .error()
                .getString("message"))
        .startsWith("level: expected one of OFF, SEVERE");
  }

  @Test
  void modelsAreListedWithTheirWorkers() {
    var models = rig.call("GET", "/admin/v1/models", null).json().getJsonArray("models");
    assertThat(models).hasSize(1);
    assertThat(models.getJsonObject(0).getString("id")).isEqualTo("m");
    assertThat(models.getJsonObject(0).getJsonArray("workers")).hasSize(1);
    assertThat(models.getJsonObject(0).getJsonObject("settings").getLong("idle_timeout_ms"))
        .isEqualTo(30_000);
    assertThat(rig.call("GET", "/admin/v1/config", null).json().getString("listen"))
        .isEqualTo("127.0.0.1:8088");
    assertThat(rig.call("GET", "/version", null).json().getString("version")).isEqualTo("1.2.3");
  }
}
