package dev.headrace.loadtest.result;

/** One way in which requests failed: how many, and what the first of them said. */
public final class ErrorKind {
  private static final int MAX_EXAMPLE = 300;

  private final String kind;
  private long count;
  private String example = "";

  public ErrorKind(String kind) {
    this.kind = kind;
  }

  public void add(long more, String message) {
    if (count == 0) {
      String line = message.replaceAll("\\s+", " ").strip();
      example = line.length() <= MAX_EXAMPLE ? line : line.substring(0, MAX_EXAMPLE) + "...";
    }
    count += more;
  }

  /** {@code connect}, {@code closed}, {@code timeout}, {@code http_503}, {@code truncated} ... */
  public String kind() {
    return kind;
  }

  public long count() {
    return count;
  }

  public String example() {
    return example;
  }
}
