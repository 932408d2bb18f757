package dev.headrace.app.real;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;

/**
 * A language model of Llama's shape with random weights, small enough to be made when it is needed
 * and real enough for llama-server to load: its text means nothing, but tokens, slots, streams,
 * usage counts, embeddings and context limits are those of a real engine.
 *
 * <p>It never ends by itself: a generation runs to its token limit, so that tests decide how long a
 * stream lasts. To that end the first dimension of the residual stream is a constant that no layer
 * writes to, and the output row of every control and byte token is turned against it.
 *
 * @param layers transformer blocks
 * @param width embedding length, a multiple of 32; time per token grows with {@code layers·width²}
 * @param context tokens that it was "trained" for, the upper limit of a slot's context
 * @param seed of all weights: equal seeds give equal files
 */
record TinyModel(int layers, int width, int context, long seed) {
  private static final int HEADS = 4;
  private static final double CONSTANT = 4.0;

  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int BYTE = 6;
  private static final int NORMAL = 1;
  private static final int MARK = 4;

  /**
   * The token that opens a tool call. The model never says it unless a request's {@code logit_bias}
   * pushes it; llama-server's grammar then forces a call of one of the offered tools.
   */
  static final int TOOL_CALL_TOKEN = 3;

  /** The token that ends a generation. The model never says it unless it is pushed likewise. */
  static final int END_TOKEN = 2;

  /** The mark by which this family of tokenizers writes a blank. */
  private static final String BLANK = "\u2581";

  private static final String WORDS =
      "water wheel mill river stone bridge light field morning evening letter garden window answer"
          + " question number engine worker token stream queue small large early late old new quick"
          + " slow and or but if then the a of to in on with from under over near far north south"
          + " carries turns opens closes runs waits sends reads writes finds keeps gives takes brings";

  /** Dialogue with tool definitions and tool calls, in the notation that many open models use. */
  private static final String CHAT_TEMPLATE =
      """
      {%- if tools %}
      {{- '<|im_start|>system\\nYou may call one or more functions.\\n<tools>' }}
      {%- for tool in tools %}
      {{- '\\n' }}{{ tool | tojson }}
      {%- endfor %}
      {{- '\\n</tools>\\nFor each call answer\\n<tool_call>{"name": <function-name>, "arguments": <args-json-object>}</tool_call><|im_end|>\\n' }}
      {%- endif %}
      {%- for message in messages %}
      {%- if message.role == 'tool' %}
      {{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}
      {%- elif message.role == 'assistant' %}
      {{- '<|im_start|>assistant' }}
      {%- if message.content %}{{- '\\n' + message.content }}{%- endif %}
      {%- if message.tool_calls %}
      {%- for call in message.tool_calls %}
      {{- '<tool_call>{"name": "' + call.function.name + '", "arguments": ' }}{{ call.function.arguments | tojson }}{{- '}</tool_call>' }}
      {%- endfor %}
      {%- endif %}
      {{- '<|im_end|>\\n' }}
      {%- else %}
      {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
      {%- endif %}
      {%- endfor %}
      {%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}""";

  /** About half a MiB and thousands of tokens per second. */
  static TinyModel quick() {
    return new TinyModel(2, 64, 4096, 20_251L);
  }

  /** About 7 MiB: slow enough for its steps to be longer than what is around them. */
  static TinyModel middle() {
    return new TinyModel(4, 192, 4096, 20_253L);
  }

  /** About 50 MiB and some hundreds of tokens per second: for streams that are to be seen alive. */
  static TinyModel slow() {
    return new TinyModel(8, 384, 4096, 20_252L);
  }

  /** Writes the model below the folder unless it is there, and returns the file. */
  Path in(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve("tiny-%d-%d-%d-%d.gguf".formatted(layers, width, context, seed));
    if (!Files.exists(file)) {
      Path fresh = Files.createTempFile(folder, "tiny", ".part");
      write(fresh);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return file;
  }

  private void write(Path file) throws IOException {
    Vocabulary vocabulary = vocabulary();
    int inner = 2 * width;
    GgufWriter gguf =
        new GgufWriter()
            .text("general.architecture", "llama")
            .text("general.name", "headrace-tiny")
            .number("general.file_type", 0)
            .number("llama.context_length", context)
            .number("llama.embedding_length", width)
            .number("llama.block_count", layers)
            .number("llama.feed_forward_length", inner)
            .number("llama.attention.head_count", HEADS)
            .number("llama.attention.head_count_kv", HEADS)
            .real("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .number("llama.rope.dimension_count", width / HEADS)
            .number("llama.vocab_size", vocabulary.size())
            .text("tokenizer.ggml.model", "llama")
            .texts("tokenizer.ggml.tokens", vocabulary.tokens)
            .reals("tokenizer.ggml.scores", vocabulary.scores)
            .numbers("tokenizer.ggml.token_type", vocabulary.kinds)
            .number("tokenizer.ggml.unknown_token_id", 0)
            .number("tokenizer.ggml.bos_token_id", 1)
            .number("tokenizer.ggml.eos_token_id", END_TOKEN)
            .flag("tokenizer.ggml.add_bos_token", true)
            .text("tokenizer.chat_template", CHAT_TEMPLATE);

    SplittableRandom random = new SplittableRandom(seed);
    double spread = 2.0 / Math.sqrt(width);
    IntToDoubleFunction ones = at -> 1.0;
    IntToDoubleFunction noise = at -> spread * random.nextGaussian();
    gguf.tensor(
        "token_embd.weight",
        new int[] {width, vocabulary.size()},
        at -> at % width == 0 ? CONSTANT : random.nextGaussian());
    for (int layer = 0; layer < layers; layer++) {
      String block = "blk." + layer + ".";
      gguf.tensor(block + "attn_norm.weight", new int[] {width}, ones);
      for (String part : List.of("attn_q", "attn_k", "attn_v")) {
        gguf.tensor(block + part + ".weight", new int[] {width, width}, noise);
      }
      gguf.tensor(
          block + "attn_output.weight",
          new int[] {width, width},
          at -> at < width ? 0.0 : noise.applyAsDouble(at));
      gguf.tensor(block + "ffn_norm.weight", new int[] {width}, ones);
      gguf.tensor(block + "ffn_gate.weight", new int[] {width, inner}, noise);
      gguf.tensor(block + "ffn_up.weight", new int[] {width, inner}, noise);
      gguf.tensor(
          block + "ffn_down.weight",
          new int[] {inner, width},
          at -> at < inner ? 0.0 : noise.applyAsDouble(at));
    }
    gguf.tensor("output_norm.weight", new int[] {width}, ones);
    gguf.tensor(
        "output.weight",
        new int[] {width, vocabulary.size()},
        at -> {
          boolean spoken = vocabulary.kinds.get(at / width) == NORMAL;
          if (at % width == 0) {
            return spoken ? 0.0 : -20.0;
          }
          return spoken ? spread * random.nextGaussian() : 0.0;
        });
    gguf.write(file);
  }

  private static final class Vocabulary {
    final List<String> tokens = new ArrayList<>();
    final List<Float> scores = new ArrayList<>();
    final List<Integer> kinds = new ArrayList<>();

    void add(String token, float score, int kind) {
      tokens.add(token);
      scores.add(score);
      kinds.add(kind);
    }

    int size() {
      return tokens.size();
    }
  }

  /**
   * Three control tokens, the marks of a tool call, one token for each byte, single characters,
   * whole words.
   */
  private static Vocabulary vocabulary() {
    Vocabulary vocabulary = new Vocabulary();
    vocabulary.add("<unk>", 0, UNKNOWN);
    vocabulary.add("<s>", 0, CONTROL);
    vocabulary.add("</s>", 0, CONTROL);
    vocabulary.add("<tool_call>", 0, MARK);
    vocabulary.add("</tool_call>", 0, MARK);
    for (int value = 0; value < 256; value++) {
      vocabulary.add("<0x%02X>".formatted(value), 0, BYTE);
    }
    vocabulary.add(BLANK, -1, NORMAL);
    for (char printable = '!'; printable <= '~'; printable++) {
      vocabulary.add(String.valueOf(printable), -1 - printable, NORMAL);
    }
    for (String word : WORDS.split(" ")) {
      if (word.length() > 1) {
        vocabulary.add(BLANK + word, word.length(), NORMAL);
      }
    }
    return vocabulary;
  }
}
