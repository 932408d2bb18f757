package dev.headrace.app;

/** What the program's exit status means. Scripts may rely on the numbers. */
public final class ExitCode {
  /** All went well. */
  public static final int OK = 0;

  /** It ran and failed. */
  public static final int FAILED = 1;

  /** The command line is wrong. */
  public static final int USAGE = 2;

  /** The configuration is wrong. */
  public static final int CONFIG = 3;

  /** An address to listen on is taken or not ours. */
  public static final int ADDRESS = 4;

  /** Something that it needs does not answer: a router, a worker, Consul. */
  public static final int UNREACHABLE = 5;

  private ExitCode() {}
}
