package dev.headrace.loadtest.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.loadtest.stream.StreamReading.Ending;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.ByteRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class AnyChunkingReadsTheSameTest {
  private static final String[] LINE_ENDS = {"\n", "\r\n", "\r"};

  @Property(tries = 500)
  void howTheBytesAreCutChangesNothingThatIsFound(
      @ForAll @LongRange(min = 0) long seed,
      @ForAll @IntRange(min = 0, max = 2) int lineEnd,
      @ForAll @IntRange(min = 1, max = 40) int longestCut) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = stream(random, LINE_ENDS[lineEnd]).getBytes(StandardCharsets.UTF_8);

    Found whole = read(bytes, List.of(bytes.length));
    List<Integer> cuts = new ArrayList<>();
    int left = bytes.length;
    while (left > 0) {
      int cut = Math.min(left, 1 + random.nextInt(longestCut));
      cuts.add(cut);
      left -= cut;
    }
    assertThat(read(bytes, cuts)).isEqualTo(whole);
  }

  @Property(tries = 300)
  void anyBytesAtAllAreReadWithoutAnException(
      @ForAll @Size(max = 300) @ByteRange(min = Byte.MIN_VALUE) byte[] bytes) {
    StreamReading reading = new StreamReading(gap -> {});
    reading.read(bytes, 0, bytes.length, 1);
    reading.end(2);

    assertThat(reading.ending()).isNotNull();
  }

  private static Found read(byte[] bytes, List<Integer> cuts) {
    StreamReading reading = new StreamReading(gap -> {});
    int at = 0;
    for (int cut : cuts) {
      reading.read(bytes, at, at + cut, at);
      at += cut;
    }
    reading.end(at);
    return new Found(
        reading.ending(),
        reading.done(),
        reading.events(),
        reading.contents(),
        reading.anyVisible(),
        String.valueOf(reading.usage()),
        String.valueOf(reading.error()));
  }

  /** A stream with everything that servers send: roles, reasoning, tools, comments, errors. */
  private static String stream(SplittableRandom random, String lineEnd) {
    StringBuilder text = new StringBuilder();
    int events = random.nextInt(12);
    for (int i = 0; i < events; i++) {
      text.append(EVENTS[random.nextInt(EVENTS.length)].replace("\n", lineEnd));
    }
    if (random.nextBoolean()) {
      text.append("data: [DONE]").append(lineEnd).append(lineEnd);
    }
    return text.toString();
  }

  private static final String[] EVENTS = {
    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"grüße 你好 🙂\"}}]}\n\n",
    "data:{\"choices\":[{\"text\":\"no blank after the colon\"}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0},{\"index\":1}]}}]}\n\n",
    "data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"two lines\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}\n\n",
    ": a comment\n\n",
    "event: ping\nid: 3\nretry: 10\n\n",
    "event: error\ndata: {\"message\":\"out of memory\"}\n\n",
    "data: {\"error\":{\"message\":\"worker died\",\"code\":502}}\n\n",
    "data: not json\n\n",
  };

  private record Found(
      Ending ending,
      boolean done,
      long events,
      long contents,
      boolean visible,
      String usage,
      String error) {}
}
