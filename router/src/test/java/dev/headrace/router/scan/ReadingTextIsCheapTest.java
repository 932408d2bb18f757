package dev.headrace.router.scan;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An event loop reads each prompt, so reading costs little time and no memory that grows. */
class ReadingTextIsCheapTest {
  /** Many times what is measured on an idle machine; a quadratic mistake would be far above. */
  private static final double MOST_NANOS_PER_KB = 50_000;

  private static final long MOST_GROWTH = 1_000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static byte[] body(String text, int size) {
    String content = text.repeat(size / text.length() + 1).substring(0, size);
    JsonObject message = new JsonObject().put("role", "user").put("content", content);
    return new JsonObject()
        .put("messages", new JsonArray().add(message))
        .encode()
        .getBytes(StandardCharsets.UTF_8);
  }

  private double[] cost(byte[] body, int times) throws BodyRefused {
    long allocated = threads.getCurrentThreadAllocatedBytes();
    long began = threads.getCurrentThreadCpuTime();
    double words = 0;
    for (int i = 0; i < times; i++) {
      words += Scanned.json(body).text().amount(TextFeature.WORD);
    }
    double nanos = (double) (threads.getCurrentThreadCpuTime() - began);
    double bytes = (double) (threads.getCurrentThreadAllocatedBytes() - allocated);
    assertThat(words).isNotNegative();
    return new double[] {nanos / times / body.length * 1024, bytes / times};
  }

  @Test
  void timeGrowsWithTheTextAndMemoryDoesNot() throws Exception {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("English", "The ferry left at 6:40, late, because nobody had found the key.\n");
    texts.put("Chinese", "清晨六点,渡轮比预定时间晚了十分钟,因为没有人找到钥匙。\n");
    texts.put("code", "    if (keys.size() > 0) {\n        return keys.get(i++);\n    }\n");
    for (Map.Entry<String, String> text : texts.entrySet()) {
      byte[] small = body(text.getValue(), 2_000);
      byte[] large = body(text.getValue(), 16_000);
      for (int i = 0; i < 4; i++) {
        cost(small, 1_000);
        cost(large, 500);
      }
      double[] ofSmall = cost(small, 1_000);
      double[] ofLarge = cost(large, 1_000);
      System.out.println(
          String.format(
              Locale.ROOT,
              "%s: %.0f ns of processor time per KB of body, %.0f bytes allocated",
              text.getKey(),
              ofLarge[0],
              ofLarge[1]));
      assertThat(ofLarge[0]).isLessThan(MOST_NANOS_PER_KB);
      assertThat(ofLarge[1]).isLessThan(ofSmall[1] + MOST_GROWTH);
    }
  }
}
