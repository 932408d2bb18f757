package dev.headrace.worker.sim;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a text ends because of the request's {@code stop}: before the token in which the first of
 * these strings begins. Pure; any thread.
 */
final class StopStrings {

  /**
   * What was found.
   *
   * @param tokens whole tokens before it
   */
  record Match(int tokens, String matched) {}

  private StopStrings() {}

  /**
   * One text or a list of texts; empty when there is none.
   *
   * @throws Refusal.Refused when it is something else
   */
  static List<String> of(JsonObject body) {
    Object value = body.getValue("stop");
    if (value instanceof String text) {
      return text.isEmpty() ? List.of() : List.of(text);
    }
    List<String> stops = new ArrayList<>();
    if (value instanceof JsonArray list) {
      for (Object one : list) {
        if (!(one instanceof String text) || text.isEmpty()) {
          throw Refusal.badRequest("stop must be a text or a list of texts", "stop");
        }
        stops.add(text);
      }
    } else if (value != null) {
      throw Refusal.badRequest("stop must be a text or a list of texts", "stop");
    }
    return stops;
  }

  /**
   * The first match in the text of this seed, or null.
   *
   * @param most tokens of the text without any stop
   * @param least tokens in which no stop counts
   */
  static @Nullable Match find(long seed, int least, int most, List<String> stops) {
    if (stops.isEmpty()) {
      return null;
    }
    StringBuilder text = new StringBuilder();
    List<Integer> ends = new ArrayList<>();
    int longest = stops.stream().mapToInt(String::length).max().orElse(0);
    for (int place = 0; place < most; place++) {
      int from = Math.max(0, text.length() - longest + 1);
      text.append(SimWords.token(seed, place));
      ends.add(text.length());
      if (place < least) {
        continue;
      }
      String found = null;
      int at = Integer.MAX_VALUE;
      for (String stop : stops) {
        int index = text.indexOf(stop, from);
        if (index >= 0 && index < at) {
          at = index;
          found = stop;
        }
      }
      if (found != null) {
        int start = at;
        return new Match((int) ends.stream().filter(end -> end <= start).count(), found);
      }
    }
    return null;
  }
}
