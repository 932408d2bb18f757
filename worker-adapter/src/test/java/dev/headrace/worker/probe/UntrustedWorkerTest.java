package dev.headrace.worker.probe;

import static dev.headrace.worker.probe.ProbeAsksAWorkerTest.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.engine.Engines;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An https worker whose certificate nobody vouches for gets no request, and so no API key. */
class UntrustedWorkerTest {

  @TempDir Path folder;

  @Test
  void a_certificate_that_nobody_vouches_for_is_refused_before_the_key_is_sent() throws Exception {
    Path store = folder.resolve("worker.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "w",
                "-keyalg",
                "EC",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    Vertx vertx = Vertx.vertx();
    Queue<String> asked = new ConcurrentLinkedQueue<>();
    HttpServer server =
        await(
            vertx
                .createHttpServer(
                    new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(
                            new PfxOptions().setPath(store.toString()).setPassword("changeit")))
                .requestHandler(
                    request -> {
                      asked.add(request.uri());
                      request.response().end();
                    })
                .listen(0, "127.0.0.1"));
    EngineProbe probe = new EngineProbe(vertx, Duration.ofSeconds(20));
    WorkerAddress address = WorkerAddress.parse("https://127.0.0.1:" + server.actualPort());

    WorkerHealth health = await(probe.health(address, Engines.byId("vllm"), "key"));

    assertThat(health.state()).isEqualTo(WorkerHealth.State.DOWN);
    assertThat(health.reason())
        .startsWith("the TLS handshake failed")
        .contains("unable to find valid certification path");
    assertThat(asked).isEmpty();
    await(probe.close());
    await(vertx.close());
  }
}
