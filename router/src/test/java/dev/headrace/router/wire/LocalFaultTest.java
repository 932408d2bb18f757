package dev.headrace.router.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.ChannelException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Errors.NativeIoException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** What this process lacks is told from what the other side does. */
class LocalFaultTest {

  @Test
  void aPortThatIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket own = new Socket()) {
      Throwable fault = catchThrowable(() -> own.bind(taken.getLocalSocketAddress()));
      assertThat(LocalFault.is(fault)).as(String.valueOf(fault)).isTrue();
      assertThat(LocalFault.is(new CompletionException(new ChannelException(fault)))).isTrue();
    }
  }

  @Test
  void anAddressThatIsNotOurs() throws Exception {
    try (Socket own = new Socket()) {
      Throwable fault = catchThrowable(() -> own.bind(new InetSocketAddress("192.0.2.1", 0)));
      assertThat(LocalFault.is(fault)).as(String.valueOf(fault)).isTrue();
    }
  }

  /** EAGAIN, ENOMEM, ENFILE, EMFILE, EADDRINUSE, EADDRNOTAVAIL, ENOBUFS in the system's words. */
  @Test
  void whatTheSystemSaysToTheNativeTransports() {
    assumeTrue(Epoll.isAvailable(), "no epoll here");
    for (int error : new int[] {-11, -12, -23, -24, -98, -99, -105}) {
      Throwable fault = new NativeIoException("socket", error);
      assertThat(LocalFault.is(fault)).as(fault.getMessage()).isTrue();
      assertThat(LocalFault.is(new ChannelException("Unable to create Channel", fault))).isTrue();
    }
    // EPIPE, ENETUNREACH, ECONNRESET, ETIMEDOUT, ECONNREFUSED, EHOSTUNREACH.
    for (int error : new int[] {-32, -101, -104, -110, -111, -113}) {
      Throwable fault = new NativeIoException("connect", error);
      assertThat(LocalFault.is(fault)).as(fault.getMessage()).isFalse();
    }
  }

  @Test
  void whatTheOtherSideDoesIsNotOurs() throws Exception {
    for (Throwable fault :
        new Throwable[] {
          new ConnectException("Connection refused"),
          new ConnectTimeoutException("connection timed out after 5000 ms: /127.0.0.1:9"),
          new UnknownHostException("Failed to resolve 'worker'"),
          new SSLHandshakeException("Failed to create SSL connection"),
          new IOException("Connection reset by peer"),
          new IOException((String) null),
          new IllegalStateException("Client is closed")
        }) {
      assertThat(LocalFault.is(fault)).as(String.valueOf(fault)).isFalse();
    }
  }

  @Test
  void aRefusedConnectionIsNotOurs() throws Exception {
    int nobody;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = free.getLocalPort();
    }
    Vertx vertx = Vertx.vertx();
    try {
      Throwable fault =
          catchThrowable(
              () ->
                  vertx
                      .createNetClient()
                      .connect(nobody, "127.0.0.1")
                      .toCompletionStage()
                      .toCompletableFuture()
                      .get(20, TimeUnit.SECONDS));
      assertThat(fault).hasRootCauseInstanceOf(ConnectException.class);
      assertThat(LocalFault.is(fault)).isFalse();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }
}
