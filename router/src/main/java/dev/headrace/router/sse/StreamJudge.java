package dev.headrace.router.sse;

import dev.headrace.worker.StreamEnd;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Watches the frames of one stream and says what it was: whether content came, how it finished,
 * what it cost, whether it is whole. Lets every byte pass unchanged, with these exceptions:
 *
 * <ul>
 *   <li>bytes pass frame by frame, so that a stream that breaks never leaves half a frame before
 *       the error event; a frame longer than the bound passes in pieces and is not looked into;
 *   <li>the usage-only chunk ({@code choices} empty, {@code usage} filled) is removed when told so;
 *   <li>an error event and what follows it is kept back: see {@link #error()}.
 * </ul>
 *
 * <p>The bytes that pass and the verdict do not depend on the pieces in which the stream arrives.
 *
 * <p>Cost: a frame after the first content is searched once for the few keys that matter; only when
 * one of them has a value is its JSON read. Holds at most one unfinished frame. Confined to one
 * event loop.
 */
public final class StreamJudge {
  /** The longest frame that is looked into, and the most that is held. */
  public static final int MAX_FRAME = 64 * 1024;

  private static final byte[] DONE = ascii("[DONE]");
  private static final byte[] NOTHING = new byte[0];
  private static final int LONG_FRAME_BEGIN = 128;

  /** Takes the bytes that may go on to the client. The array is only valid during the call. */
  @FunctionalInterface
  public interface Out {
    void pass(byte[] bytes, int from, int to);
  }

  private final StreamEnd end;
  private final boolean removeUsage;
  private final int maxFrame;
  private final FrameScanner scanner = new FrameScanner();
  private final FrameFields fields = new FrameFields();
  private byte[] held = NOTHING;
  private int heldLength;
  private boolean inLongFrame;
  private boolean lastRemoved;

  private boolean content;
  private boolean whole;
  private int dataFrames;
  private int contentFrames;
  private @Nullable String finishReason;
  private TokenUsage usage = TokenUsage.UNKNOWN;
  private @Nullable String error;

  /**
   * @param end the mark that proves the stream whole
   * @param removeUsage takes out the usage-only chunk
   */
  public StreamJudge(StreamEnd end, boolean removeUsage) {
    this(end, removeUsage, MAX_FRAME);
  }

  StreamJudge(StreamEnd end, boolean removeUsage, int maxFrame) {
    this.end = end;
    this.removeUsage = removeUsage;
    this.maxFrame = maxFrame;
  }

  /** Looks at the next bytes of the stream and gives on what may pass. */
  public void feed(byte[] bytes, int start, int to, Out out) {
    if (error != null || start == to) {
      return;
    }
    int from = start;
    int passFrom = start;
    if (scanner.takeOwedLf(bytes[from])) {
      from++;
      if (lastRemoved) {
        passFrom = from;
      }
    }
    int frameEnd;
    while (from < to && (frameEnd = scanner.next(bytes, from, to)) >= 0) {
      lastRemoved = false;
      if (inLongFrame) {
        inLongFrame = false;
      } else if (heldLength > 0) {
        completeHeld(bytes, from, frameEnd, out);
        passFrom = frameEnd;
      } else if (!judge(bytes, from, frameEnd)) {
        lastRemoved = true;
        give(bytes, passFrom, from, out);
        passFrom = frameEnd;
      }
      if (error != null) {
        return;
      }
      from = frameEnd;
    }
    if (from < to && !inLongFrame && heldLength + to - from > maxFrame) {
      give(bytes, passFrom, from, out);
      startLongFrame(bytes, from, to, out);
    } else if (inLongFrame) {
      give(bytes, passFrom, to, out);
    } else {
      give(bytes, passFrom, from, out);
      hold(bytes, from, to);
    }
  }

  /**
   * The body has ended properly. An unfinished frame passes when the stream is whole (a last line
   * end may be missing), else it is dropped.
   */
  public void finish(Out out) {
    if (error == null && heldLength > 0) {
      boolean pass = judge(held, 0, heldLength);
      if (pass && (whole || end == StreamEnd.BODY_END)) {
        out.pass(held, 0, heldLength);
      }
      heldLength = 0;
    }
    if (end == StreamEnd.BODY_END && error == null) {
      whole = true;
    }
  }

  private void completeHeld(byte[] bytes, int from, int frameEnd, Out out) {
    int length = heldLength + frameEnd - from;
    if (lengthThatCounts(bytes, from, frameEnd, length) > maxFrame) {
      startLongFrame(bytes, from, frameEnd, out);
      inLongFrame = false;
      return;
    }
    hold(bytes, from, frameEnd);
    if (judge(held, 0, heldLength)) {
      out.pass(held, 0, heldLength);
    } else {
      lastRemoved = true;
    }
    heldLength = 0;
  }

  /** What a frame weighs, however its last CRLF was split. */
  private static int lengthThatCounts(byte[] bytes, int from, int to, int length) {
    boolean crLf = to - from >= 2 && bytes[to - 1] == '\n' && bytes[to - 2] == '\r';
    return crLf ? length - 1 : length;
  }

  private void startLongFrame(byte[] bytes, int from, int to, Out out) {
    int begin = Math.min(to - from, Math.max(0, LONG_FRAME_BEGIN - heldLength));
    hold(bytes, from, from + begin);
    longFrame(held, 0, Math.min(heldLength, LONG_FRAME_BEGIN));
    out.pass(held, 0, heldLength);
    heldLength = 0;
    give(bytes, from + begin, to, out);
    inLongFrame = true;
  }

  /** All that is read of a frame over the bound is the name of its event, at its beginning. */
  private void longFrame(byte[] bytes, int from, int to) {
    fields.read(bytes, from, to);
    dataFrames++;
    contentFrames++;
    content = true;
    endsWith(fields.event());
    // In TGI's native stream only the last frame, which repeats the whole text, can be that long.
    whole |= end == StreamEnd.GENERATED_TEXT;
  }

  /** Reads one complete frame; false when it must not pass. */
  private boolean judge(byte[] bytes, int from, int to) {
    if (lengthThatCounts(bytes, from, to, to - from) > maxFrame) {
      longFrame(bytes, from, Math.min(to, from + LONG_FRAME_BEGIN));
      return true;
    }
    fields.read(bytes, from, to);
    if (!fields.hasData()) {
      return true;
    }
    if (fields.dataIs(DONE)) {
      dataFrames++;
      whole |= end == StreamEnd.DONE_MARK;
      return true;
    }
    String event = fields.event();
    if (fields.errorField() || "error".equals(event)) {
      error = fields.data();
      return false;
    }
    dataFrames++;
    endsWith(event);
    boolean nameless = event == null && end != StreamEnd.DONE_MARK;
    if (!content || nameless || fields.mayMatter()) {
      return weigh(fields.facts());
    }
    if (event == null || event.endsWith("delta")) {
      contentFrames++;
    }
    return true;
  }

  private boolean weigh(FrameFacts facts) {
    if (facts.error()) {
      dataFrames--;
      error = fields.data();
      return false;
    }
    if (facts.content()) {
      content = true;
      contentFrames++;
    }
    if (facts.finishReason() != null) {
      finishReason = facts.finishReason();
    }
    TokenUsage told = facts.usage();
    if (told != null) {
      usage = usage.updatedBy(told);
    }
    endsWith(facts.type());
    whole |= facts.generatedText() && end == StreamEnd.GENERATED_TEXT;
    return !(removeUsage && told != null && facts.noChoices());
  }

  private void endsWith(@Nullable String event) {
    if (event == null) {
      return;
    }
    if (end == StreamEnd.MESSAGE_STOP) {
      whole |= event.equals("message_stop");
    } else if (end == StreamEnd.RESPONSE_TERMINAL) {
      whole |=
          event.equals("response.completed")
              || event.equals("response.incomplete")
              || event.equals("response.failed");
    }
  }

  private void hold(byte[] bytes, int from, int to) {
    int size = to - from;
    if (size <= 0) {
      return;
    }
    if (heldLength + size > held.length) {
      held = Arrays.copyOf(held, Math.max(512, Math.max(held.length * 2, heldLength + size)));
    }
    System.arraycopy(bytes, from, held, heldLength, size);
    heldLength += size;
  }

  private static void give(byte[] bytes, int from, int to, Out out) {
    if (to > from) {
      out.pass(bytes, from, to);
    }
  }

  /** Output has been seen: text, reasoning or a tool call. */
  public boolean content() {
    return content;
  }

  /** The mark that proves the stream whole has been seen. */
  public boolean whole() {
    return whole;
  }

  /** Frames with data, the end mark included; comments and the error event are none. */
  public int dataFrames() {
    return dataFrames;
  }

  /** Frames that carried output: about the number of tokens, when usage is not told. */
  public int contentFrames() {
    return contentFrames;
  }

  public @Nullable String finishReason() {
    return finishReason;
  }

  public TokenUsage usage() {
    return usage;
  }

  /** As {@link #usage}, with the output counted by frames where the worker did not tell it. */
  public TokenUsage usageOrSeen() {
    return usage.completion() >= 0
        ? usage
        : new TokenUsage(usage.prompt(), contentFrames, usage.cached());
  }

  /** The data of the first error event, or null. It has not passed, and nothing after it will. */
  public @Nullable String error() {
    return error;
  }

  /** True while the bytes that passed end inside a frame (a frame over the bound). */
  public boolean insideFrame() {
    return inLongFrame;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
