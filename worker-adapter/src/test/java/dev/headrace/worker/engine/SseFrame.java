package dev.headrace.worker.engine;

import dev.headrace.worker.LenientJson;
import dev.headrace.worker.StreamEnd;
import java.util.ArrayList;
import java.util.List;

/** One frame of an event stream, read the plain way, as a reference for the fixtures. */
record SseFrame(String event, String data) {

  /** The frames that were finished by a blank line and carry data. */
  static List<SseFrame> all(String stream) {
    List<SseFrame> frames = new ArrayList<>();
    String event = "";
    StringBuilder data = new StringBuilder();
    for (String line : stream.split("\n", -1)) {
      if (line.isEmpty()) {
        if (!data.isEmpty()) {
          frames.add(new SseFrame(event, data.toString().strip()));
        }
        event = "";
        data.setLength(0);
      } else if (line.startsWith("data:")) {
        data.append(line.substring(5));
      } else if (line.startsWith("event:")) {
        event = line.substring(6).strip();
      }
    }
    return frames;
  }

  boolean isEnd(StreamEnd end) {
    return switch (end) {
      case DONE_MARK -> data.equals("[DONE]");
      case MESSAGE_STOP -> event.equals("message_stop");
      case RESPONSE_TERMINAL ->
          event.equals("response.completed")
              || event.equals("response.incomplete")
              || event.equals("response.failed");
      case GENERATED_TEXT -> LenientJson.read(data).path("generated_text").isTextual();
      case BODY_END -> false;
    };
  }

  boolean isError() {
    return event.equals("error")
        || event.equals("response.failed")
        || LenientJson.read(data).hasNonNull("error");
  }
}
