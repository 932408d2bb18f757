package dev.headrace.app.demo;

import dev.headrace.app.console.Style;
import dev.headrace.app.console.TextTable;
import dev.headrace.app.run.MainThread;
import io.vertx.core.Future;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What is seen: the fleet, one answer as it arrives, many at once, who served them, what to try.
 * Runs on the command's thread; texts arrive on event loops.
 */
final class DemoShow {
  private static final String QUESTION = "What does a headrace do for a mill?";
  private static final int CROWD = 30;
  private static final int WIDTH = 76;
  private static final String INDENT = "  ";

  private final PrintWriter out;
  private final Style style;
  private final String dataUrl;
  private final String adminUrl;

  DemoShow(PrintWriter out, Style style, String dataUrl, String adminUrl) {
    this.out = out;
    this.style = style;
    this.dataUrl = dataUrl;
    this.adminUrl = adminUrl;
  }

  void fleet(String secondsToReady) {
    line(
        style.strong("One endpoint")
            + " "
            + style.accent(dataUrl + "/v1")
            + style.strong(", four simulated workers")
            + style.quiet("  (ready after " + secondsToReady + " s)"));
    line("");
    TextTable table = TextTable.of("WORKER", "ENGINE", "MODEL", "SPEED", "SLOTS").right(3, 4);
    for (DemoWorker worker : DemoWorker.FLEET) {
      table.row(
          worker.id(),
          worker.engine(),
          worker.model(),
          worker.tokensPerSecond() + " tok/s",
          Integer.toString(worker.slots()));
    }
    table.print(out, INDENT);
    line("");
  }

  /** One question whose answer appears as it arrives. */
  DemoAnswer question(DemoClient client) {
    line(
        style.strong("> " + QUESTION) + style.quiet("   (" + DemoWorker.BIG_MODEL + ", streamed)"));
    out.print(INDENT);
    out.flush();
    AtomicInteger column = new AtomicInteger(INDENT.length());
    DemoAnswer answer =
        MainThread.await(
            client.ask(
                DemoWorker.BIG_MODEL, QUESTION, text -> type(text.replace('\n', ' '), column)));
    line("");
    line(
        INDENT
            + style.quiet(
                answer.whole()
                    ? "first token after "
                        + DemoScore.millis(answer.firstTokenNanos())
                        + ", "
                        + answer.pieces()
                        + " tokens in "
                        + DemoScore.seconds(answer.totalNanos())
                    : "the stream was not whole: " + answer.failure()));
    line("");
    return answer;
  }

  /** Thirty questions to both models at the same moment. */
  List<DemoAnswer> crowd(DemoClient client) {
    long start = System.nanoTime();
    AtomicInteger done = new AtomicInteger();
    List<Future<DemoAnswer>> answers = new ArrayList<>();
    out.print(style.strong("> " + CROWD + " more at once"));
    out.flush();
    for (int i = 0; i < CROWD; i++) {
      String model = i % 5 < 3 ? DemoWorker.BIG_MODEL : DemoWorker.SMALL_MODEL;
      answers.add(
          client
              .ask(model, "Question " + i + ": " + QUESTION, text -> {})
              .onComplete(ended -> progress(done.incrementAndGet())));
    }
    MainThread.await(Future.join(answers));
    String head = "> " + CROWD + " more at once";
    line(
        (style.terminal() ? "\r" + style.strong(head) : "")
            + ", answered in "
            + DemoScore.seconds(System.nanoTime() - start)
            + "; the faster a worker, the more it got:");
    line("");
    return answers.stream().map(Future::result).toList();
  }

  void score(DemoScore score) {
    score.table().print(out, INDENT);
    line("");
  }

  void invitation() {
    line(style.strong("Try it") + style.quiet("  (any OpenAI client; only base_url changes)"));
    line(
        INDENT
            + "curl -N "
            + dataUrl
            + "/v1/chat/completions -H 'content-type: application/json' \\");
    line(
        INDENT
            + "  -d '{\"model\":\""
            + DemoWorker.BIG_MODEL
            + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'");
    line("");
    line(INDENT + "from openai import OpenAI");
    line(INDENT + "client = OpenAI(base_url=\"" + dataUrl + "/v1\", api_key=\"none\")");
    line(
        INDENT
            + "for chunk in client.chat.completions.create(model=\""
            + DemoWorker.SMALL_MODEL
            + "\", stream=True,");
    line(INDENT + "        messages=[{\"role\": \"user\", \"content\": \"Hello\"}]):");
    line(INDENT + "    print(chunk.choices[0].delta.content or \"\", end=\"\", flush=True)");
    line("");
    line(
        INDENT
            + "admin port "
            + style.accent(adminUrl)
            + ": /metrics, /admin/v1/workers; or './headrace workers"
            + (adminUrl.endsWith(":8089") ? "" : " --admin " + adminUrl)
            + "'");
    line("");
  }

  void line(String text) {
    out.println(text);
    out.flush();
  }

  static DemoScore scored(List<DemoAnswer> answers, Map<String, String> idsByPublicId) {
    DemoScore score = new DemoScore();
    for (DemoAnswer answer : answers) {
      @Nullable String name = answer.worker();
      score.add(name == null ? null : idsByPublicId.get(name), answer);
    }
    return score;
  }

  private void type(String text, AtomicInteger column) {
    if (column.addAndGet(text.length()) > WIDTH) {
      out.println();
      out.print(INDENT);
      column.set(INDENT.length() + text.length());
      out.print(text.stripLeading());
    } else {
      out.print(text);
    }
    out.flush();
  }

  private void progress(int done) {
    if (style.terminal()) {
      out.print("\r" + style.strong("> " + CROWD + " more at once") + ": " + done + " answered");
      out.flush();
    }
  }
}
