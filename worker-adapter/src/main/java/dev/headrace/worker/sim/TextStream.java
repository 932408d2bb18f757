package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * A stream whose token events differ in nothing but the token's text: what stands before and after
 * is made once and copied as bytes.
 */
final class TextStream implements StreamForm {
  private final Answer answer;
  private final byte[] opening;
  private final byte[] before;
  private final byte[] after;
  private final byte[] afterLast;
  private final Supplier<String> ending;

  /**
   * @param opening events before the first token, perhaps empty
   * @param before what stands before a token's text, up to the opening quote
   * @param after what stands after it, from the closing quote
   * @param afterLast the same for the last token
   * @param ending events after the last token; asked once, at the end
   */
  TextStream(
      Answer answer,
      String opening,
      String before,
      String after,
      String afterLast,
      Supplier<String> ending) {
    this.answer = answer;
    this.opening = utf8(opening);
    this.before = utf8(before);
    this.after = utf8(after);
    this.afterLast = utf8(afterLast);
    this.ending = ending;
  }

  @Override
  public void begin(Buffer out) {
    out.appendBytes(opening);
  }

  @Override
  public void token(int place, Buffer out) {
    out.appendBytes(before);
    out.appendBytes(answer.tokenJson(place));
    out.appendBytes(place == answer.length - 1 ? afterLast : after);
  }

  @Override
  public void end(Buffer out) {
    out.appendString(ending.get());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
