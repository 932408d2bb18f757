package dev.headrace.app.run;

import dev.headrace.router.config.Addresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.jspecify.annotations.Nullable;

/** Whether an address can be listened on. */
public final class Ports {
  private Ports() {}

  /** Null when it can be had now; else why not, for a person. */
  public static @Nullable String unavailable(InetSocketAddress address) {
    try (ServerSocket socket = new ServerSocket()) {
      InetAddress host = InetAddress.getByName(address.getHostString());
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(host, address.getPort()));
      return null;
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      String shown = Addresses.show(address);
      if (message.contains("in use")) {
        return shown + " is taken by another program";
      }
      if (message.contains("ermission denied")) {
        return "no permission to listen on " + shown;
      }
      return "cannot listen on " + shown + ": it is no address of this machine";
    }
  }
}
