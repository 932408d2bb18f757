package dev.headrace.worker.probe;

import static dev.headrace.worker.probe.ProbeAsksAWorkerTest.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.engine.Engines;
import dev.headrace.worker.probe.ProbeException.Fault;
import io.netty.channel.ChannelException;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What fails on this side of the wire says nothing of the worker. */
class OwnFaultsAreNotTheWorkersTest {
  /** Reserved for documentation (RFC 5737): no machine has it. */
  private static final String NOBODYS = "192.0.2.1";

  @Test
  void what_the_system_and_netty_throw_for_lack_of_something_is_local() {
    for (Throwable failure :
        new Throwable[] {
          new SocketException("Too many open files"),
          new IOException("Too many open files in system"),
          new IOException("newSocketStream(..) failed with error(-24): Too many open files"),
          new ChannelException("Failed to open a socket.", new SocketException("x")),
          new ConnectException(
              "connect(..) failed with error(-99): Cannot assign requested address: /127.0.0.1:1"),
          new BindException("Address already in use"),
          new SocketException("No buffer space available (maximum connections reached?)"),
          new IllegalStateException(new IOException("Cannot allocate memory")),
          new OutOfMemoryError("Cannot reserve 4096 bytes of direct buffer memory"),
          new NoClassDefFoundError("x"),
        }) {
      assertThat(LocalFault.is(failure)).as(failure.toString()).isTrue();
    }
  }

  @Test
  void what_the_worker_or_the_way_to_it_does_is_not() {
    for (Throwable failure :
        new Throwable[] {
          null,
          new ConnectException("Connection refused: /127.0.0.1:1"),
          new ConnectException("connection timed out after 2000 ms: /10.0.0.1:1"),
          new NoRouteToHostException("No route to host"),
          new SocketException("Connection reset by peer"),
          new UnknownHostException("Failed to resolve 'worker'"),
          new ProbeException(Fault.TIMED_OUT, "no answer within 2000 ms"),
          new IOException((String) null),
        }) {
      assertThat(LocalFault.is(failure)).as(String.valueOf(failure)).isFalse();
    }
  }

  @Test
  void a_local_address_that_is_not_ours_is_local_as_the_platform_says_it() throws Exception {
    try (Socket socket = new Socket()) {
      assertThat(
              LocalFault.is(catchThrowable(() -> socket.bind(new InetSocketAddress(NOBODYS, 0)))))
          .isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void the_same_is_local_as_the_client_says_it(boolean nativeTransport) throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(nativeTransport));
    try {
      var client = vertx.createHttpClient(new HttpClientOptions().setLocalAddress(NOBODYS));
      var request = new RequestOptions().setHost("127.0.0.1").setPort(1).setURI("/");
      Throwable failure = catchThrowable(() -> await(client.request(request)));
      assertThat(LocalFault.is(failure)).as(String.valueOf(failure)).isTrue();
      assertThat(LocalFault.is(failure.getCause().getMessage())).isTrue();
    } finally {
      await(vertx.close());
    }
  }

  @Test
  void a_check_without_a_file_descriptor_left_is_none() throws Exception {
    assumeThat(Files.isExecutable(Path.of("/bin/sh"))).as("a shell that sets limits").isTrue();
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path output = Files.createTempFile("descriptors", ".txt");
    Process process =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "ulimit -n 200 && exec \"$0\" \"$@\"",
                java,
                "-XX:-MaxFDLimit",
                "-cp",
                System.getProperty("java.class.path"),
                OutOfDescriptors.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readString(output, StandardCharsets.UTF_8))
          .contains("READY | local true: could not be asked: ")
          .containsIgnoringCase("too many open files");
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }

  @Test
  void an_impossible_port_ends_the_question() throws Exception {
    Vertx vertx = Vertx.vertx();
    EngineProbe probe = new EngineProbe(vertx, Duration.ofSeconds(20));
    try {
      WorkerAddress address = new WorkerAddress(false, "127.0.0.1", 70_000, "");
      assertThat(await(probe.health(address, Engines.byId("vllm"), null)).ready()).isFalse();
    } finally {
      await(vertx.close());
    }
  }
}
