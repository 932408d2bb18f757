package dev.headrace.app;

/** Where the program begins. */
public final class Headrace {
  private Headrace() {}

  public static void main(String[] args) {
    System.exit(HeadraceCommand.commandLine().execute(args));
  }
}
