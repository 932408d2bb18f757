package dev.headrace.router.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.StreamEnd;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What each dialect's stream tells is understood. */
class StreamJudgeTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private StreamJudge judge(StreamEnd end, boolean removeUsage, String stream) {
    StreamJudge judge = new StreamJudge(end, removeUsage);
    byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
    judge.feed(bytes, 0, bytes.length, (b, from, to) -> out.write(b, from, to - from));
    judge.finish((b, from, to) -> out.write(b, from, to - from));
    return judge;
  }

  @Test
  void openAiChat() {
    StreamJudge judge =
        judge(
            StreamEnd.DONE_MARK,
            false,
            "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n"
                + "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
                + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"
                + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\ndata: [DONE]\n\n");
    assertThat(judge.whole()).isTrue();
    assertThat(judge.finishReason()).isEqualTo("length");
    assertThat(judge.usage()).isEqualTo(new TokenUsage(5, 1, 4));
    assertThat(judge.contentFrames()).isEqualTo(1);
  }

  @Test
  void aRoleChunkIsNoContent() {
    StreamJudge judge =
        judge(
            StreamEnd.DONE_MARK,
            false,
            "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n");
    assertThat(judge.content()).isFalse();
    assertThat(judge.whole()).isFalse();
  }

  @Test
  void reasoningAndToolCallsAreContent() {
    assertThat(
            judge(
                    StreamEnd.DONE_MARK,
                    false,
                    "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"x\"}}]}\n\n")
                .content())
        .isTrue();
    assertThat(
            judge(
                    StreamEnd.DONE_MARK,
                    false,
                    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]}}]}\n\n")
                .content())
        .isTrue();
  }

  @Test
  void anthropicMessages() {
    StreamJudge judge =
        judge(
            StreamEnd.MESSAGE_STOP,
            false,
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":"
                + "{\"input_tokens\":9,\"output_tokens\":1}}}\n\n"
                + "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":"
                + "{\"type\":\"text_delta\",\"text\":\"a\"}}\n\n"
                + "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":"
                + "{\"output_tokens\":7}}\n\n"
                + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    assertThat(judge.whole()).isTrue();
    assertThat(judge.content()).isTrue();
    assertThat(judge.usage()).isEqualTo(new TokenUsage(9, 7, -1));
  }

  @Test
  void responsesEvents() {
    StreamJudge judge =
        judge(
            StreamEnd.RESPONSE_TERMINAL,
            false,
            "event: response.created\ndata: {\"type\":\"response.created\",\"response\":"
                + "{\"error\":null,\"usage\":null}}\n\n"
                + "event: response.output_text.delta\ndata: "
                + "{\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\n"
                + "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":"
                + "{\"usage\":{\"input_tokens\":3,\"output_tokens\":2}}}\n\n");
    assertThat(judge.whole()).isTrue();
    assertThat(judge.content()).isTrue();
    assertThat(judge.error()).isNull();
    assertThat(judge.usage()).isEqualTo(new TokenUsage(3, 2, -1));
  }

  @Test
  void tgisNativeStream() {
    StreamJudge judge =
        judge(
            StreamEnd.GENERATED_TEXT,
            false,
            "data:{\"index\":1,\"token\":{\"text\":\"Hi\"},\"generated_text\":null,\"details\":null}\n\n"
                + "data:{\"index\":2,\"token\":{\"text\":\"</s>\"},\"generated_text\":\"Hi\","
                + "\"details\":{\"finish_reason\":\"eos_token\",\"generated_tokens\":2}}\n\n");
    assertThat(judge.whole()).isTrue();
    assertThat(judge.usage().completion()).isEqualTo(2);
    assertThat(judge.finishReason()).isEqualTo("eos_token");
  }

  @Test
  void nothingPassesFromTheErrorEventOn() {
    StreamJudge judge =
        judge(
            StreamEnd.DONE_MARK,
            false,
            ": hi\n\ndata: {\"error\":{\"message\":\"full\",\"code\":503}}\n\ndata: [DONE]\n\n");
    assertThat(judge.error()).isEqualTo("{\"error\":{\"message\":\"full\",\"code\":503}}");
    assertThat(judge.dataFrames()).isZero();
    assertThat(judge.whole()).isFalse();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(": hi\n\n");
  }

  @Test
  void textThatTalksOfErrorsIsNoError() {
    StreamJudge judge =
        judge(
            StreamEnd.DONE_MARK,
            true,
            "data: {\"choices\":[{\"delta\":{\"content\":\"{\\\"error\\\": 1, \\\"usage\\\": {}}\"}}]}\n\n"
                + "data: {\"choices\":[{\"delta\":{\"content\":\"error\"}}]}\n\n");
    assertThat(judge.error()).isNull();
    assertThat(judge.contentFrames()).isEqualTo(2);
  }

  @Test
  void aFrameOverTheBoundPassesAndTheEventAtItsBeginningCounts() {
    String huge = "x".repeat(StreamJudge.MAX_FRAME * 2);
    String stream = "event: response.completed\ndata: {\"x\":\"" + huge + "\"}\n\n";
    assertThat(judge(StreamEnd.RESPONSE_TERMINAL, true, stream).whole()).isTrue();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(stream);
  }

  @Test
  void usageIsFoundAtTheEndOfALongJsonAnswer() {
    UsageTail tail = new UsageTail();
    byte[] filler = ("{\"choices\":\"" + "x".repeat(50_000) + "\",").getBytes();
    tail.add(filler, 0, filler.length);
    byte[] end =
        "\"usage\": {\"prompt_tokens\":1,\"completion_tokens\":2},\"timings\":{\"a\":1}}"
            .getBytes();
    for (int i = 0; i < end.length; i++) {
      tail.add(end, i, i + 1);
    }
    assertThat(tail.usage()).isEqualTo(new TokenUsage(1, 2, -1));
  }
}
