package dev.headrace.router.limit;

/** A time to wait in the form of OpenAI's headers: {@code 120ms}, {@code 1.5s}, {@code 6m0s}. */
public final class ResetTime {
  private ResetTime() {}

  /**
   * @param millis at least 0
   */
  public static String text(long millis) {
    if (millis == 0) {
      return "0s";
    }
    if (millis < 1000) {
      return millis + "ms";
    }
    StringBuilder text = new StringBuilder();
    long minutes = millis / 60_000;
    if (minutes >= 60) {
      text.append(minutes / 60).append('h');
    }
    if (minutes > 0) {
      text.append(minutes % 60).append('m');
    }
    text.append(millis % 60_000 / 1000);
    long rest = millis % 1000;
    if (rest > 0) {
      String digits = Long.toString(1000 + rest).substring(1);
      text.append('.').append(digits.replaceAll("0+$", ""));
    }
    return text.append('s').toString();
  }
}
