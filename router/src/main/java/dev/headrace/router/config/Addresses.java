package dev.headrace.router.config;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Addresses such as {@code 127.0.0.1:8088}, {@code [::1]:80}, {@code :8088}. Nothing here asks a
 * name service: names stay names, and only {@code localhost} and literals count as loopback.
 */
public final class Addresses {
  private static final Pattern HOST_PORT =
      Pattern.compile("(?:\\[([0-9a-fA-F:.%a-z]+)]|([^\\[\\]:\\s/]*)):(\\d{1,5})");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");
  private static final String EXPECTED_LISTEN =
      "expected host:port, such as 127.0.0.1:8088, [::1]:8088, or :8088 for all interfaces";
  private static final String EXPECTED_REMOTE = "expected host:port, such as 127.0.0.1:8500";

  private Addresses() {}

  /** An address to listen on; no host means all interfaces, port 0 any free port. */
  static InetSocketAddress listen(String text) {
    return read(text, "0.0.0.0", 0, EXPECTED_LISTEN);
  }

  /** The address of another; the port may be left out. */
  static InetSocketAddress remote(String text, int defaultPort) {
    boolean portGiven = !text.endsWith("]") && text.indexOf(':') >= 0;
    return read(portGiven ? text : text + ":" + defaultPort, "", 1, EXPECTED_REMOTE);
  }

  private static InetSocketAddress read(
      String text, String emptyHost, int minPort, String expected) {
    Matcher matcher = HOST_PORT.matcher(text);
    if (!matcher.matches()) {
      throw new ValueType.Unfit(expected);
    }
    String host = matcher.group(1);
    if (host != null) {
      if (!NetUtil.isValidIpV6Address(host)) {
        throw new ValueType.Unfit(expected);
      }
    } else {
      host = matcher.group(2).isEmpty() ? emptyHost : matcher.group(2);
      if (host.equals("*")) {
        host = emptyHost;
      }
      boolean dotted = host.chars().allMatch(c -> c == '.' || Character.isDigit(c));
      if (!NAME.matcher(host).matches() || (dotted && !NetUtil.isValidIpV4Address(host))) {
        throw new ValueType.Unfit(expected);
      }
    }
    int port = Integer.parseInt(matcher.group(3));
    if (port < minPort || port > 65535) {
      throw new ValueType.Unfit("expected a port from " + minPort + " to 65535");
    }
    return InetSocketAddress.createUnresolved(host, port);
  }

  /**
   * True when only programs on this machine reach the address, whether it was resolved before or
   * not.
   */
  public static boolean isLoopback(InetSocketAddress address) {
    InetAddress resolved = address.getAddress();
    return resolved == null ? isLoopback(address.getHostString()) : resolved.isLoopbackAddress();
  }

  /**
   * True for {@code localhost}, 127.0.0.0/8 and ::1, as a URL has them: with or without brackets,
   * in any form and case. Any other name is false, whatever a name service would say of it.
   */
  public static boolean isLoopback(String host) {
    if (host.equalsIgnoreCase("localhost")) {
      return true;
    }
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(host);
    try {
      return bytes != null && InetAddress.getByAddress(bytes).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** {@code host:port}, with brackets around an IPv6 host. */
  public static String show(InetSocketAddress address) {
    String host = address.getHostString();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
