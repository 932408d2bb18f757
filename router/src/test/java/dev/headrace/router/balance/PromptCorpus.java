package dev.headrace.router.balance;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Prompts of one kind of text, of 100 to 4000 tokens, in chats of one to six messages. Texts to
 * learn from and texts to be judged by have no sentence or file in common.
 */
final class PromptCorpus {

  /** A request's body, and what a chat template would make of it. */
  record Prompt(byte[] body, List<String> contents) {}

  private static final String[] ASKS = {"user", "assistant"};

  private final List<String> learned;
  private final List<String> judged;
  private final String glue;
  private final double charsPerToken;

  private PromptCorpus(List<String> pieces, String glue, double charsPerToken) {
    List<String> even = new ArrayList<>();
    List<String> odd = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      (i % 2 == 0 ? even : odd).add(pieces.get(i));
    }
    this.learned = even;
    this.judged = odd;
    this.glue = glue;
    this.charsPerToken = charsPerToken;
  }

  /** Prose: letters, news, questions; and the project's own pages where they are found. */
  static PromptCorpus english() {
    List<String> pieces = new ArrayList<>(sentences("english.txt", "(?<=[.!?]) +|\n"));
    for (Path page : files(Path.of("..", "docs"), ".md")) {
      pieces.addAll(List.of(read(page).split("(?<=[.:]) +|\n\n")));
    }
    return new PromptCorpus(pieces, " ", 4.4);
  }

  static PromptCorpus chinese() {
    return new PromptCorpus(sentences("chinese.txt", "(?<=[。！？])|\n"), "", 0.95);
  }

  /** Python, and the project's own Java where it is found. */
  static PromptCorpus code() {
    List<String> pieces = new ArrayList<>(sentences("python.txt", "(?<=\n)\n+"));
    for (Path file : files(Path.of("src", "main", "java"), ".java")) {
      pieces.addAll(List.of(read(file).split("(?<=\n)\n+")));
    }
    return new PromptCorpus(pieces, "\n", 3.8);
  }

  Prompt toLearnFrom(Random random) {
    return prompt(learned, random);
  }

  Prompt toBeJudgedBy(Random random) {
    return prompt(judged, random);
  }

  private Prompt prompt(List<String> pieces, Random random) {
    double tokens = 100 * Math.exp(random.nextDouble() * Math.log(40));
    int count = 1 + random.nextInt(6);
    List<String> contents = new ArrayList<>();
    JsonArray messages = new JsonArray();
    for (int i = 0; i < count; i++) {
      String content = content(pieces, (int) (tokens * charsPerToken / count), random);
      contents.add(content);
      messages.add(new JsonObject().put("role", ASKS[i % 2]).put("content", content));
    }
    JsonObject body = new JsonObject().put("model", "m").put("messages", messages);
    return new Prompt(body.encode().getBytes(StandardCharsets.UTF_8), contents);
  }

  /** Pieces that follow each other, now and then with a jump, as in a document with excerpts. */
  private String content(List<String> pieces, int chars, Random random) {
    StringBuilder text = new StringBuilder();
    int at = random.nextInt(pieces.size());
    while (text.length() < chars) {
      text.append(pieces.get(at % pieces.size())).append(glue);
      at = random.nextInt(4) == 0 ? random.nextInt(pieces.size()) : at + 1;
    }
    int end = Math.max(1, chars);
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
  }

  private static List<String> sentences(String resource, String separator) {
    try (InputStream in = PromptCorpus.class.getResourceAsStream("/corpus/" + resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Stream.of(text.split(separator)).filter(piece -> !piece.isBlank()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> files(Path folder, String ending) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
