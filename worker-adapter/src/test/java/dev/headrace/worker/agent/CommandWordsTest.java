package dev.headrace.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

/** A command line is split as a shell splits it, and no shell ever sees it. */
class CommandWordsTest {
  @Test
  void wordsQuotesAndBackslashes() {
    assertThat(CommandWords.split("llama-server  -m 'my model.gguf'\t--alias \"a b\""))
        .containsExactly("llama-server", "-m", "my model.gguf", "--alias", "a b");
    assertThat(CommandWords.split("a\\ b 'c'\"d\"e '' \"q\\\"\\\\\\n\""))
        .containsExactly("a b", "cde", "", "q\"\\\\n");
    assertThat(CommandWords.split("x $HOME `id` a;b | c > d *"))
        .containsExactly("x", "$HOME", "`id`", "a;b", "|", "c", ">", "d", "*");
  }

  @Test
  void whatCannotBeSplitIsSaid() {
    assertThatThrownBy(() -> CommandWords.split("  ")).hasMessageContaining("expected a command");
    assertThatThrownBy(() -> CommandWords.split("a 'b")).hasMessageContaining("not closed");
    assertThatThrownBy(() -> CommandWords.split("a \"b")).hasMessageContaining("not closed");
    assertThatThrownBy(() -> CommandWords.split("a \\")).hasMessageContaining("backslash");
  }

  @Property
  void whateverIsQuotedComesOutAsItWas(@ForAll @NotEmpty List<String> words) {
    StringBuilder line = new StringBuilder();
    for (String word : words) {
      line.append("'").append(word.replace("'", "'\\''")).append("' ");
    }
    assertThat(CommandWords.split(line.toString())).isEqualTo(words);
  }
}
