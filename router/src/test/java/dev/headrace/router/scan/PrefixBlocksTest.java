package dev.headrace.router.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Prompts that begin alike have the same first blocks, and only those. */
final class PrefixBlocksTest {

  private static Prefix prefix(String json) throws BodyRefused {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    return PrefixBlocks.of(Scanned.pieces(body), Scanned.json(body).promptAt());
  }

  private static int common(Prefix a, Prefix b) {
    int common = 0;
    while (common < Math.min(a.size(), b.size()) && a.hash(common) == b.hash(common)) {
      common++;
    }
    for (int i = common; i < Math.min(a.size(), b.size()); i++) {
      assertThat(a.hash(i)).isNotEqualTo(b.hash(i));
    }
    return common;
  }

  private static String chat(String... contents) {
    StringBuilder messages = new StringBuilder("{\"model\":\"m\",\"messages\":[");
    for (int i = 0; i < contents.length; i++) {
      messages
          .append(i == 0 ? "" : ",")
          .append("{\"role\":\"")
          .append(i % 2 == 0 ? "user" : "assistant")
          .append("\",\"content\":\"")
          .append(contents[i])
          .append("\"}");
    }
    return messages.append("]}").toString();
  }

  @Test
  void aConversationThatGrowsKeepsItsBlocks() throws Exception {
    String question = "why ".repeat(400);
    String answer = "because ".repeat(200);
    Prefix first = prefix(chat(question));
    Prefix next = prefix(chat(question, answer, "and why is that?"));
    assertThat(common(first, next)).isGreaterThanOrEqualTo(first.size() - 1).isGreaterThan(15);
    assertThat(next.size()).isGreaterThan(first.size());
  }

  @Test
  void oneOtherByteChangesAllBlocksFromItsOwnOn() throws Exception {
    long seed = 11;
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      int length = 200 + random.nextInt(30_000);
      int at = random.nextInt(length);
      StringBuilder text = new StringBuilder("x".repeat(length));
      Prefix before = prefix("{\"prompt\":\"" + text + "\"}");
      text.setCharAt(at, 'y');
      Prefix after = prefix("{\"prompt\":\"" + text + "\"}");
      int common = common(before, after);
      double place = (at + 1.0) / (length + 2);
      assertThat(common == 0 ? 0 : before.share(common - 1))
          .as("seed %d", seed)
          .isLessThanOrEqualTo(place);
      if (common < before.size()) {
        assertThat(before.share(common)).isGreaterThan(place);
      }
    }
  }

  @Test
  void whatIsSharedIsFoundToWithinASixteenth() throws Exception {
    String shared = "s".repeat(100_000);
    Prefix one = prefix("{\"prompt\":\"" + shared + "a".repeat(20_000) + "\"}");
    Prefix two = prefix("{\"prompt\":\"" + shared + "b".repeat(20_000) + "\"}");
    int common = common(one, two);
    assertThat(one.share(common - 1) * 120_002).isBetween(94_000.0, 100_001.0);
  }

  @Test
  void toolsAndSystemPromptComeBeforeTheMessagesWhereverTheyStand() throws Exception {
    String messages = "\"messages\":[{\"role\":\"user\",\"content\":\"" + "m".repeat(500) + "\"}]";
    String tools = "\"tools\":[{\"type\":\"function\",\"x\":\"" + "t".repeat(500) + "\"}]";
    String system = "\"system\":\"" + "s".repeat(500) + "\"";
    Prefix one = prefix("{" + messages + "," + system + "," + tools + ",\"model\":\"m\"}");
    Prefix two = prefix("{\"model\":\"m\"," + tools + "," + system + "," + messages + "}");
    assertThat(common(one, two)).isEqualTo(one.size()).isEqualTo(two.size());
    assertThat(common(one, prefix("{" + messages + "," + system + "}"))).isZero();
    String otherSystem = system.replace("sss", "sxs");
    Prefix other = prefix("{" + messages + "," + otherSystem + "," + tools + "}");
    assertThat(common(one, other)).isBetween(1, 8);
  }

  @Test
  void theHashesOfABodyStayTheSameHoweverItIsCut() throws Exception {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < 2000; i++) {
      words.append("word ").append(i).append(' ');
    }
    String json =
        "{\"messages\":[{\"role\":\"user\",\"content\":\""
            + words
            + "\"}],\"system\":\"be kind, be brief and be right, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11\","
            + "\"tools\":[{\"type\":\"function\"}],\"model\":\"m\"}";
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    List<Span> parts = Scanned.json(body).promptAt();
    long seed = 5;
    Random random = new Random(seed);
    for (int most : new int[] {body.length, 9_000, 5_000, 100, 7, 1}) {
      Prefix found = PrefixBlocks.of(Scanned.pieces(body, at -> 1 + random.nextInt(most)), parts);
      assertThat(found.size()).as("seed %d, up to %d", seed, most).isEqualTo(65);
      assertThat(found.hash(0)).isEqualTo(0x78e1f0318a1e5c37L);
      assertThat(found.hash(1)).isEqualTo(0xbbe1d0d2d4a42a57L);
      assertThat(found.hash(64)).isEqualTo(0xa297049e2a8c3c07L);
      assertThat(found.share(64)).isCloseTo(0.95076, within(0.00001));
    }
  }

  @Test
  void anEmptyOrShortPromptHasNoBlocksAndALongOneNotWithoutEnd() throws Exception {
    assertThat(prefix("{\"model\":\"m\"}").size()).isZero();
    assertThat(prefix(chat("hi")).size()).isZero();
    Prefix megabytes = prefix("{\"prompt\":\"" + "z".repeat(3 << 20) + "\"}");
    assertThat(megabytes.size()).isBetween(100, PrefixBlocks.MOST_BLOCKS);
    assertThat(megabytes.share(megabytes.size() - 1)).isBetween(0.3, 0.34);
  }

  @Test
  void anyBodyThatTheScannerTakesCanBeHashed() throws Exception {
    long seed = 3;
    Random random = new Random(seed);
    String[] parts = {
      "\"prompt\":\"" + "p".repeat(random.nextInt(300)) + "\"",
      "\"messages\":null",
      "\"messages\":{\"a\":[1,2,3]}",
      "\"input\":[[1,2,3],[4]]",
      "\"tools\":\"none\"",
      "\"tools\":[{}]",
      "\"system\":[{\"type\":\"text\",\"text\":\"" + "s".repeat(100) + "\"}]",
      "\"instructions\":17",
      "\"inputs\":true"
    };
    for (int round = 0; round < 2_000; round++) {
      StringBuilder json = new StringBuilder("{");
      for (int i = random.nextInt(5); i >= 0; i--) {
        json.append(parts[random.nextInt(parts.length)]).append(',');
      }
      Prefix found = prefix(json.append("\"model\":\"m\"}").toString());
      for (int i = 0; i < found.size(); i++) {
        assertThat(found.share(i)).as("seed %d", seed).isGreaterThan(0).isLessThanOrEqualTo(1);
      }
    }
  }
}
