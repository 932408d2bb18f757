package dev.headrace.worker.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Tokens hold their text. */
class SimTokenizerTest {
  @Property
  void any_text_comes_back_from_its_tokens(@ForAll String text) {
    String sound = new String(text.getBytes(UTF_8), UTF_8);
    assertThat(SimTokenizer.decode(SimTokenizer.encode(sound))).isEqualTo(sound);
    assertThat(Arrays.stream(SimTokenizer.encode(sound)).allMatch(token -> token >= 0)).isTrue();
  }

  @Test
  void ascii_has_four_bytes_a_token() {
    assertThat(SimTokenizer.encode("four bytes each!")).hasSize(4);
  }
}
