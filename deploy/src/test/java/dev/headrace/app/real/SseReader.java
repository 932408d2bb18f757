package dev.headrace.app.real;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads the {@code data} lines of an event stream one by one. Confined to one thread. */
final class SseReader implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final BufferedReader lines;
  private boolean done;
  private boolean failed;

  SseReader(InputStream body) {
    lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
  }

  /**
   * The next event's data; null at {@code [DONE]} and when the stream ended without it. An error
   * event is told by {@link #failed} and returned, too.
   */
  @Nullable JsonNode next() throws IOException {
    String line;
    while ((line = lines.readLine()) != null) {
      if (!line.startsWith("data:")) {
        continue;
      }
      String data = line.substring("data:".length()).strip();
      if (data.equals("[DONE]")) {
        done = true;
        return null;
      }
      JsonNode event = JSON.readTree(data);
      failed |= event.has("error");
      return event;
    }
    return null;
  }

  /** Reads what is left; the number of events. */
  int drain() throws IOException {
    int events = 0;
    while (next() != null) {
      events++;
    }
    return events;
  }

  /** True after {@code [DONE]}. */
  boolean done() {
    return done;
  }

  /** True after an error event. */
  boolean failed() {
    return failed;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
