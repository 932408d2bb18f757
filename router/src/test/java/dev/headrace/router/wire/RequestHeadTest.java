package dev.headrace.router.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Nothing that a client, a worker or a configuration says can say more than its own line. */
class RequestHeadTest {
  private final UnpooledByteBufAllocator buffers = new UnpooledByteBufAllocator(false);

  private String head(String target, String host, String name, String value) {
    Fields fields = new Fields();
    fields.add(name, value);
    fields.add("x-last", "1");
    ByteBuf written = RequestHead.write(buffers, target, host, fields, 12, 0);
    try {
      return written.toString(StandardCharsets.ISO_8859_1);
    } finally {
      written.release();
    }
  }

  @Example
  void theHeadIsWhatIsExpected() {
    assertThat(head("/v1/chat/completions", "[::1]:8000", "Accept", "a\tb"))
        .isEqualTo(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: [::1]:8000\r\nContent-Length: 12\r\n"
                + "Accept: a\tb\r\nx-last: 1\r\n\r\n");
  }

  @Example
  void controlCharactersAreRefusedAndLeaveNothingBehind() {
    for (char c = 0; c <= 127; c++) {
      if ((c >= ' ' && c < 127) || c == '\t') {
        continue;
      }
      String bad = "a" + c + "b";
      String[][] heads = {
        {bad, "h", "n", "v"}, {"/", bad, "n", "v"}, {"/", "h", bad, "v"}, {"/", "h", "n", bad}
      };
      for (String[] each : heads) {
        assertThatThrownBy(() -> head(each[0], each[1], each[2], each[3]))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageNotContaining(bad);
      }
    }
    assertThat(buffers.metric().usedHeapMemory()).isZero();
  }

  /** U+010A is no line end although its lower byte is one. */
  @Property(tries = 500)
  void whateverIsNotRefusedStaysInItsLine(@ForAll String text) {
    String head;
    try {
      head = head("/", "h", "x-text", text + "\u010a\u020d");
    } catch (IllegalArgumentException e) {
      assertThat(text).matches("(?s).*[\\x00-\\x1f\\x7f].*");
      return;
    }
    assertThat(head.split("\r\n", -1)).hasSize(7);
    assertThat(head.replace("\r\n", "")).doesNotContain("\r", "\n");
  }
}
