package dev.headrace.loadtest.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.loadtest.stream.StreamReading.Ending;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamSaysHowItEndedTest {
  private static final String ROLE =
      "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
  private static final String TOKEN = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
  private static final String STOP =
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
  private static final String USAGE =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,"
          + "\"prompt_tokens_details\":{\"cached_tokens\":3}}}\n\n";
  private static final String DONE = "data: [DONE]\n\n";

  private final List<Long> gaps = new ArrayList<>();

  @Test
  void timesAreThoseOfContentNotOfTheRoleChunk() {
    StreamReading reading = new StreamReading(gaps::add);
    feed(reading, ROLE, 10);
    feed(reading, TOKEN, 20);
    feed(reading, TOKEN, 25);
    feed(reading, TOKEN, 45);
    feed(reading, STOP, 46);
    feed(reading, USAGE, 47);
    feed(reading, DONE, 48);
    reading.end(50);

    assertThat(reading.ending()).isEqualTo(Ending.COMPLETE);
    assertThat(reading.firstEventAt()).isEqualTo(10);
    assertThat(reading.firstContentAt()).isEqualTo(20);
    assertThat(reading.lastContentAt()).isEqualTo(45);
    assertThat(reading.doneAt()).isEqualTo(48);
    assertThat(gaps).containsExactly(5L, 20L);
    assertThat(reading.longestGap()).isEqualTo(20);
    assertThat(reading.contents()).isEqualTo(3);
    assertThat(reading.usage()).isEqualTo(new TokenUsage(9, 4, 3));
  }

  @Test
  void anEventCountsAtItsBlankLineNotAtTheNextByte() {
    StreamReading reading = new StreamReading(gaps::add);
    feed(reading, TOKEN.replace("\n", "\r\n").substring(0, TOKEN.length() + 1), 10);
    assertThat(reading.contents()).isEqualTo(1);
    assertThat(reading.firstContentAt()).isEqualTo(10);
  }

  @Test
  void aMissingDoneIsNoFailureWhenTheFinishReasonCame() {
    StreamReading reading = all(TOKEN + STOP);
    assertThat(reading.ending()).isEqualTo(Ending.COMPLETE);
    assertThat(reading.done()).isFalse();
  }

  @Test
  void aMissingLastBlankLineIsNoFailure() {
    assertThat(all(TOKEN + "data: [DONE]").ending()).isEqualTo(Ending.COMPLETE);
    assertThat(all(TOKEN + "data: [DONE]\n").done()).isTrue();
  }

  @Test
  void aPoliteEndWithoutFinishReasonAndDoneIsTruncation() {
    assertThat(all(ROLE + TOKEN + TOKEN).ending()).isEqualTo(Ending.TRUNCATED);
    assertThat(all("").ending()).isEqualTo(Ending.TRUNCATED);
  }

  @Test
  void anErrorEventIsAFailureEvenIfDoneFollows() {
    StreamReading reading = all(TOKEN + "data: {\"error\":{\"message\":\"died\"}}\n\n" + DONE);
    assertThat(reading.ending()).isEqualTo(Ending.ERROR_EVENT);
    assertThat(reading.error()).isEqualTo("died");
    assertThat(all("event: error\ndata: broken pipe\n\n").error()).isEqualTo("broken pipe");
  }

  @Test
  void aNullErrorIsNone() {
    assertThat(all("data: {\"error\":null,\"choices\":[]}\n\n" + DONE).ending())
        .isEqualTo(Ending.COMPLETE);
  }

  @Test
  void halfAnEventAtTheEndIsNoSuccess() {
    assertThat(all(TOKEN + "data: {\"choices\":[{\"finish_").ending()).isEqualTo(Ending.MALFORMED);
  }

  @Test
  void anEventWithoutEndIsBounded() {
    StreamReading reading = new StreamReading(gaps::add);
    byte[] piece = new byte[1 << 16];
    for (int i = 0; i < 40; i++) {
      reading.read(piece, 0, piece.length, i);
    }
    reading.end(50);
    assertThat(reading.ending()).isEqualTo(Ending.MALFORMED);
  }

  @Test
  void reasoningIsAFirstTokenButNotVisible() {
    StreamReading reading = new StreamReading(gaps::add);
    feed(reading, "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\"}}]}\n\n", 5);
    feed(reading, TOKEN, 9);
    assertThat(reading.firstContentAt()).isEqualTo(5);
    assertThat(reading.firstVisibleAt()).isEqualTo(9);
  }

  private StreamReading all(String text) {
    StreamReading reading = new StreamReading(gaps::add);
    feed(reading, text, 1);
    reading.end(2);
    return reading;
  }

  private static void feed(StreamReading reading, String text, long nanos) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    reading.read(bytes, 0, bytes.length, nanos);
  }
}
