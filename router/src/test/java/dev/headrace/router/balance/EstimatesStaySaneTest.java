package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headrace.router.scan.BodyRefused;
import dev.headrace.router.scan.PromptText;
import dev.headrace.router.scan.Scanned;
import dev.headrace.router.scan.ScannedRequest;
import dev.headrace.worker.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Odd answers do not spoil the estimate of prompt tokens, and a real change is followed. */
class EstimatesStaySaneTest {
  private static final Origin CHAT = new Origin("m", Endpoint.CHAT, null);
  private final Random random = new Random(11);
  private final RequestBook book = new RequestBook();

  private static ScannedRequest scan(String json) throws BodyRefused {
    return Scanned.json(json.getBytes(StandardCharsets.UTF_8));
  }

  private static ScannedRequest prompt(int words) throws BodyRefused {
    return scan("{\"prompt\":\"" + "some word, ".repeat(words / 2) + "\"}");
  }

  /** A model to which a word is so many tokens. */
  private void learn(int answers, double perWord) throws BodyRefused {
    for (int i = 0; i < answers; i++) {
      int words = 100 + random.nextInt(2000);
      book.learn(CHAT, prompt(words), (long) (words * perWord), 50, -1);
    }
  }

  private double expected(int words) throws BodyRefused {
    return book.expect(CHAT, prompt(words)).promptTokens();
  }

  @Test
  void answersThatCannotBeTrueTeachNothing() throws Exception {
    learn(50, 1.5);
    double before = expected(1000);
    for (int i = 0; i < 100; i++) {
      book.learn(CHAT, prompt(1000), 0, 50, -1);
      book.learn(CHAT, prompt(1000), -1, 50, -1);
      book.learn(CHAT, prompt(1000), 5_000_000_000L, 50, -1);
      book.learn(CHAT, prompt(1000), 3, 50, -1);
    }
    assertThat(expected(1000)).isEqualTo(before).isCloseTo(1500, within(45.0));
  }

  @Test
  void promptsThatTheEngineCutsSpoilLittle() throws Exception {
    for (int i = 0; i < 200; i++) {
      learn(1, 1.5);
      if (i % 10 == 0) {
        book.learn(CHAT, prompt(4000), 2048, 50, -1);
      }
    }
    assertThat(expected(1000)).isCloseTo(1500, within(150.0));
  }

  @Test
  void anotherTokenizerUnderTheSameNameIsFollowed() throws Exception {
    learn(100, 1.2);
    assertThat(expected(1000)).isCloseTo(1200, within(40.0));
    learn(300, 2.4);
    assertThat(expected(1000)).isCloseTo(2400, within(120.0));
  }

  @Test
  void whatAnImageCostsIsLearnedApartFromText() throws Exception {
    learn(50, 1.5);
    double text = expected(1000);
    ScannedRequest pictures =
        scan(
            "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"see\"},"
                + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:"
                + "A".repeat(50_000)
                + "\"}},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:B\"}}]}]}");
    for (int i = 0; i < 60; i++) {
      book.learn(CHAT, pictures, 2 * 1105 + 10, 50, -1);
    }
    assertThat(book.expect(CHAT, pictures).promptTokens()).isCloseTo(2220, within(60.0));
    assertThat(expected(1000)).isEqualTo(text);
  }

  @Test
  void tokensThatAreGivenAsNumbersAreNotEstimated() throws Exception {
    ScannedRequest ids = scan("{\"prompt\":[" + "7,".repeat(999) + "7]}");
    assertThat(book.expect(CHAT, ids).promptTokens()).isCloseTo(1000, within(5.0));
  }

  @Test
  void aCountThatLeavesCachedTokensOutIsNotLearned() throws Exception {
    Origin messages = new Origin("m", Endpoint.MESSAGES, null);
    double before = book.expect(messages, prompt(1000)).promptTokens();
    for (int i = 0; i < 50; i++) {
      book.learn(messages, prompt(1000), 300, 50, 1200);
      book.learn(CHAT, prompt(1000), 300, 50, 1200);
    }
    assertThat(book.expect(messages, prompt(1000)).promptTokens()).isEqualTo(before);
    assertThat(RequestBook.countsAll(CHAT, 1500, 1200)).isTrue();
    assertThat(RequestBook.countsAll(messages, 1500, 1200)).isFalse();
    assertThat(RequestBook.countsAll(messages, 1500, 0)).isTrue();
    assertThat(RequestBook.countsAll(messages, 1500, -1)).isTrue();
  }

  @Test
  void modelsAreLearnedApart() throws Exception {
    Origin other = new Origin("other", Endpoint.CHAT, null);
    double before = book.expect(other, prompt(1000)).promptTokens();
    learn(50, 2.5);
    assertThat(book.expect(other, prompt(1000)).promptTokens()).isEqualTo(before);
  }

  @Test
  void whereNoTextWasReadBytesDecide() {
    TokenEstimator estimator = new TokenEstimator();
    assertThat(estimator.expect(PromptText.UNREAD, 4000)).isCloseTo(1000, within(1.0));
    for (int i = 0; i < 100; i++) {
      estimator.learn(PromptText.UNREAD, 10_000, 500);
    }
    assertThat(estimator.expect(PromptText.UNREAD, 4000)).isCloseTo(200, within(20.0));
  }

  @Test
  void choicesMultiplyTheOutput() throws Exception {
    ScannedRequest three = scan("{\"prompt\":\"a\",\"n\":3,\"max_tokens\":100}");
    assertThat(book.expect(CHAT, three).outputTokens()).isEqualTo(300);
    ScannedRequest absurd = scan("{\"prompt\":\"a\",\"n\":999999999999,\"max_tokens\":1}");
    assertThat(book.expect(CHAT, absurd).outputTokens()).isEqualTo(128);
  }

  @Test
  void loopsThatLearnAtOnceSpoilNothing() throws Exception {
    List<ScannedRequest> prompts = new ArrayList<>();
    for (int words = 100; words < 2000; words += 100) {
      prompts.add(prompt(words));
    }
    CountDownLatch done = new CountDownLatch(4);
    for (int thread = 0; thread < 4; thread++) {
      new Thread(
              () -> {
                for (int i = 0; i < 2000; i++) {
                  int at = i % prompts.size();
                  book.learn(CHAT, prompts.get(at), 150L * (at + 1), 50, -1);
                  book.expect(CHAT, prompts.get(at));
                }
                done.countDown();
              })
          .start();
    }
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(expected(1000)).isCloseTo(1500, within(45.0));
  }
}
