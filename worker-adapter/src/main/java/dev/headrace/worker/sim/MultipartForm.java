package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a multipart form: fields as text, files by their size alone. Pure; any thread. */
final class MultipartForm {
  private static final Pattern BOUNDARY =
      Pattern.compile("(?i)multipart/form-data;.*boundary=\"?([^\";]{1,70})\"?");
  private static final Pattern NAME = Pattern.compile("(?i)[; ]name=\"([^\"]*)\"");

  private MultipartForm() {}

  /** The fields by their names; a file's value is its number of bytes. */
  static JsonObject read(String contentType, Buffer body) {
    Matcher boundary = BOUNDARY.matcher(contentType);
    if (!boundary.find()) {
      throw Refusal.badRequest("the body is not a multipart form", null);
    }
    // Latin-1 keeps one character per byte, so that sizes are right.
    String text = body.toString(StandardCharsets.ISO_8859_1);
    JsonObject form = new JsonObject();
    String[] parts = text.split(Pattern.quote("--" + boundary.group(1)), -1);
    for (int i = 1; i < parts.length - 1; i++) {
      int headEnd = parts[i].indexOf("\r\n\r\n");
      Matcher name = NAME.matcher(headEnd < 0 ? "" : parts[i].substring(0, headEnd));
      if (name.find()) {
        String value =
            parts[i].substring(headEnd + 4, Math.max(headEnd + 4, parts[i].length() - 2));
        boolean file = parts[i].substring(0, headEnd).contains("filename=");
        form.put(
            name.group(1),
            file
                ? (Object) value.length()
                : new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
      }
    }
    return form;
  }
}
