package dev.headrace.app.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ports for programs that cannot choose one themselves: free on the loopback address when asked,
 * and never given out twice. Below the range from which the system takes ports of outgoing
 * connections, so that none of those takes it first.
 */
final class FreePort {
  private static final int FIRST = 20_000;
  private static final int COUNT = 12_000;
  private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

  private FreePort() {}

  static int next() {
    int start = (int) (ProcessHandle.current().pid() * 101 % COUNT);
    for (int step = 0; step < COUNT; step++) {
      int port = FIRST + (start + step) % COUNT;
      if (TAKEN.add(port) && free(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port from " + FIRST + " on");
  }

  private static boolean free(int port) {
    try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return probe.isBound();
    } catch (BindException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
