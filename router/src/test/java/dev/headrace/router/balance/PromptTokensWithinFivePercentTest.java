package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import dev.headrace.router.balance.PromptCorpus.Prompt;
import dev.headrace.router.scan.BodyRefused;
import dev.headrace.router.scan.Scanned;
import dev.headrace.router.scan.ScannedRequest;
import dev.headrace.worker.Endpoint;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * After 50 answers of a model, half of all prompts are estimated within 5 % of what a real
 * tokenizer counts, in English, in Chinese and in code, whether the model gets one of them or all.
 */
class PromptTokensWithinFivePercentTest {
  private static final int ANSWERS = 50;
  private static final int JUDGED = 150;
  private static final int SEEDS = 3;
  private static final double BOUND = 0.05;
  private static final Origin ORIGIN = new Origin("m", Endpoint.CHAT, null);

  private static final Map<String, PromptCorpus> CORPORA = new LinkedHashMap<>();

  static {
    CORPORA.put("English", PromptCorpus.english());
    CORPORA.put("Chinese", PromptCorpus.chinese());
    CORPORA.put("code", PromptCorpus.code());
  }

  private record Seen(ScannedRequest request, long tokens) {}

  @ParameterizedTest
  @EnumSource(names = {"CL100K_BASE", "O200K_BASE", "R50K_BASE"})
  void eachKindOfTextAlone(EncodingType type) throws Exception {
    Encoding tokenizer = Encodings.newLazyEncodingRegistry().getEncoding(type);
    for (String kind : CORPORA.keySet()) {
      assertWithinBound(type + ", " + kind + " alone", tokenizer, List.of(kind));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CL100K_BASE", "O200K_BASE", "R50K_BASE"})
  void allKindsOfTextMixed(EncodingType type) throws Exception {
    Encoding tokenizer = Encodings.newLazyEncodingRegistry().getEncoding(type);
    assertWithinBound(type + ", mixed", tokenizer, List.copyOf(CORPORA.keySet()));
  }

  private void assertWithinBound(String name, Encoding tokenizer, List<String> kinds)
      throws Exception {
    for (int seed = 1; seed <= SEEDS; seed++) {
      Random random = new Random(seed);
      RequestBook book = new RequestBook();
      for (int i = 0; i < ANSWERS; i++) {
        PromptCorpus corpus = CORPORA.get(kinds.get(random.nextInt(kinds.size())));
        Seen seen = seen(corpus.toLearnFrom(random), tokenizer);
        book.learn(ORIGIN, seen.request, seen.tokens, 100, -1);
      }
      for (String kind : kinds) {
        double[] errors = new double[JUDGED];
        double[] untaught = new double[JUDGED];
        double[] perByte = new double[JUDGED];
        for (int i = 0; i < JUDGED; i++) {
          Seen seen = seen(CORPORA.get(kind).toBeJudgedBy(random), tokenizer);
          errors[i] = error(book.expect(ORIGIN, seen.request), seen.tokens);
          untaught[i] = error(new RequestBook().expect(ORIGIN, seen.request), seen.tokens);
          perByte[i] = error(book.expect("m", seen.request.promptBytes(), -1), seen.tokens);
        }
        Arrays.sort(errors);
        Arrays.sort(untaught);
        Arrays.sort(perByte);
        print(
            String.format(
                Locale.ROOT,
                "%s, seed %d: %s median %.1f %%, p90 %.1f %% (untaught %.1f %%, by bytes %.1f %%)",
                name,
                seed,
                kind,
                100 * errors[JUDGED / 2],
                100 * errors[JUDGED * 9 / 10],
                100 * untaught[JUDGED / 2],
                100 * perByte[JUDGED / 2]));
        assertThat(errors[JUDGED / 2])
            .as("median error of %s: %s, seed %d", kind, name, seed)
            .isLessThanOrEqualTo(BOUND);
      }
    }
  }

  /** As OpenAI's chat format counts: three tokens and a role around each message, three at last. */
  private static Seen seen(Prompt prompt, Encoding tokenizer) throws BodyRefused {
    long tokens = 3;
    for (String content : prompt.contents()) {
      tokens += 4 + tokenizer.countTokensOrdinary(content);
    }
    return new Seen(Scanned.json(prompt.body()), tokens);
  }

  private static double error(Demand expected, long tokens) {
    return Math.abs(expected.promptTokens() / (double) tokens - 1);
  }

  private static void print(String line) {
    System.out.println(line);
  }
}
