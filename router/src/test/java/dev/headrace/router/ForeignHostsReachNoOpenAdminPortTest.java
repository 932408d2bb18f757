package dev.headrace.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.config.ConfigLoader;
import dev.headrace.router.config.ConfigOverrides;
import dev.headrace.router.config.ConfigResult;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.kit.RawClient;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A page whose host name was pointed at this machine (DNS rebinding) is same-origin to itself; the
 * admin port of a router as {@code serve} assembles it answers to no such name.
 */
final class ForeignHostsReachNoOpenAdminPortTest {
  private static final String WORKER = "{\"id\":\"evil\",\"url\":\"http://127.0.0.1:9\"}";

  @TempDir Path dir;
  private RouterRuntime runtime;
  private HeadraceRouter router;

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private void start(String admin) throws Exception {
    Path file =
        Files.writeString(
            dir.resolve("headrace.yaml"),
            "listen: 127.0.0.1:0\nadmin: %s\nfleet: { embedded: {} }\n".formatted(admin));
    ConfigResult read = new ConfigLoader(Map.of()).load(file, ConfigOverrides.NONE);
    runtime = RouterRuntime.create(new HeadraceConfig.Threads(1, "auto"));
    router = get(HeadraceRouter.start(runtime, (ConfigResult.Ok) read, null));
  }

  @AfterEach
  void stop() throws Exception {
    get(router.stop());
    get(runtime.vertx().close());
  }

  /** As a browser sends it that shows a page of that host. */
  private RawClient.Answer call(String line, String host, String body) throws Exception {
    String head =
        """
        %s HTTP/1.1
        Host: %s
        Origin: http://%2$s
        Authorization: Bearer abc
        Content-Type: application/json
        Content-Length: %d

        """
            .formatted(line, host + ":" + router.adminPort(), body.length());
    try (RawClient client = new RawClient(router.adminPort())) {
      return client.send(head.replace("\n", "\r\n") + body).read();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{ listen: \"127.0.0.1:0\" }", "{ listen: \"localhost:0\" }"})
  void aForeignNameNeitherReadsNorRegistersAndLoopbackNamesDo(String admin) throws Exception {
    start(admin);
    for (String host : List.of("evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0")) {
      RawClient.Answer list = call("GET /admin/v1/workers", host, "");
      assertThat(list.status()).as(host).isEqualTo(403);
      assertThat(list.body())
          .contains("\"code\":\"cross_origin\"")
          .contains("without a token the admin port answers only to a loopback Host");
      assertThat(call("POST /admin/v1/workers", host, WORKER).status()).as(host).isEqualTo(403);
    }
    for (String host : List.of("127.0.0.1", "127.0.0.5", "LocalHost", "[::1]", "[0:0:0:0::1]")) {
      RawClient.Answer list = call("GET /admin/v1/workers", host, "");
      assertThat(list.status()).as(host).isEqualTo(200);
      assertThat(list.body()).doesNotContain("evil");
    }
    assertThat(call("POST /admin/v1/workers", "localhost", WORKER).status()).isEqualTo(201);
  }

  @Test
  void withATokenTheTokenDecides() throws Exception {
    start("{ listen: \"127.0.0.1:0\", token: abc }");
    assertThat(call("GET /admin/v1/workers", "admin.example", "").status()).isEqualTo(200);
  }

  @Test
  void anotherTokenIsRefusedUnderAnyName() throws Exception {
    start("{ listen: \"127.0.0.1:0\", token: other }");
    assertThat(call("GET /admin/v1/workers", "admin.example", "").status()).isEqualTo(401);
    assertThat(call("GET /admin/v1/workers", "127.0.0.1", "").status()).isEqualTo(401);
  }
}
