package dev.headrace.router.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.StreamEnd;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** However a stream is cut into pieces, the same bytes pass and the verdict is the same. */
class AnyChunkingGivesTheSameStreamTest {
  private static final int SMALL_BOUND = 300;

  private record Result(
      String passed,
      boolean whole,
      boolean content,
      int frames,
      int contentFrames,
      String error,
      TokenUsage usage,
      String finish) {}

  private static Result run(StreamEnd end, byte[] stream, List<Integer> cuts) {
    StreamJudge judge = new StreamJudge(end, true, SMALL_BOUND);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StreamJudge.Out pass = (bytes, from, to) -> out.write(bytes, from, to - from);
    int at = 0;
    int i = 0;
    while (at < stream.length) {
      int size = cuts.isEmpty() ? stream.length : cuts.get(i++ % cuts.size());
      int to = Math.min(stream.length, at + size);
      // A copy of its own, with rubbish around it: only the range may be looked at.
      byte[] piece = new byte[to - at + 8];
      System.arraycopy(stream, at, piece, 4, to - at);
      judge.feed(piece, 4, 4 + to - at, pass);
      at = to;
    }
    judge.finish(pass);
    return new Result(
        out.toString(StandardCharsets.UTF_8),
        judge.whole(),
        judge.content(),
        judge.dataFrames(),
        judge.contentFrames(),
        judge.error(),
        judge.usage(),
        judge.finishReason());
  }

  @Property(tries = 1500)
  void anyCutsGiveTheSameBytesAndTheSameVerdict(
      @ForAll("streams") String stream, @ForAll("cuts") List<Integer> cuts, @ForAll StreamEnd end) {
    byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
    Result whole = run(end, bytes, List.of());
    assertThat(run(end, bytes, cuts)).isEqualTo(whole);
    assertThat(run(end, bytes, List.of(1))).isEqualTo(whole);
  }

  @Property(tries = 500)
  void withoutUsageChunksErrorsAndUnfinishedFramesEveryBytePasses(
      @ForAll("plainStreams") String stream, @ForAll("cuts") List<Integer> cuts) {
    Result result = run(StreamEnd.DONE_MARK, stream.getBytes(StandardCharsets.UTF_8), cuts);
    assertThat(result.passed()).isEqualTo(stream);
  }

  @Provide
  Arbitrary<List<Integer>> cuts() {
    return Arbitraries.integers().between(1, 60).list().ofMinSize(1).ofMaxSize(8);
  }

  private static final List<String> PLAIN =
      List.of(
          ": ping",
          ":",
          "data: {\"choices\":[{\"delta\":{\"content\":\"é日\uD83D\uDE00\"},\"finish_reason\":null}]}",
          "data:{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}",
          "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}",
          "data: {\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\": {\"}}]} ",
          "data: {\"choices\":\ndata: [],\"x\":1}",
          "data: [DONE]",
          "data: [DONE] ",
          "event: message_stop\ndata: {\"type\":\"message_stop\"}",
          "event: response.completed\ndata: {\"type\":\"response.completed\"}",
          "data:{\"token\":{\"text\":\"a\"},\"generated_text\":\"a\",\"details\":null}",
          "data: " + "z".repeat(280),
          "data: " + "z".repeat(700),
          "event: response.completed\ndata: " + "y".repeat(500),
          "");

  private static final List<String> SPECIAL =
      List.of(
          "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1,"
              + "\"prompt_tokens_details\":{\"cached_tokens\":3}},\"timings\":{\"a\":1}}",
          "data: {\"error\":{\"message\":\"m\"}}",
          "data: {\"error\":null,\"choices\":[]}",
          "event: error\ndata: {\"type\":\"error\"}",
          "error: {\"code\":500}",
          "data",
          "data: {\"cho");

  private static Arbitrary<String> of(List<String> frames, boolean unfinished) {
    Arbitrary<String> ends = Arbitraries.of("\n", "\r\n", "\r");
    Arbitrary<String> framed =
        net.jqwik.api.Combinators.combine(Arbitraries.of(frames), ends)
            .as((frame, end) -> frame.replace("\n", end) + end + end);
    Arbitrary<String> all = framed.list().ofMaxSize(8).map(list -> String.join("", list));
    if (!unfinished) {
      return all;
    }
    return net.jqwik.api.Combinators.combine(all, Arbitraries.of(frames))
        .as((stream, last) -> stream + last);
  }

  @Provide
  Arbitrary<String> streams() {
    List<String> both = new java.util.ArrayList<>(PLAIN);
    both.addAll(SPECIAL);
    return Arbitraries.oneOf(of(both, false), of(both, true));
  }

  @Provide
  Arbitrary<String> plainStreams() {
    return of(PLAIN, false);
  }
}
