package dev.headrace.worker.agent;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a command line into words as a shell does: blanks separate, {@code '…'} keeps all, {@code
 * "…"} keeps all but backslashes before {@code " \ $ `}, a backslash keeps the next character.
 * Nothing is expanded and no shell runs. Pure.
 */
public final class CommandWords {
  private static final String ESCAPED_IN_QUOTES = "\"\\$`";

  private final String line;
  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;
  private int at;

  private CommandWords(String line) {
    this.line = line;
  }

  /**
   * @return at least one word
   * @throws IllegalArgumentException when there is no word or a quote is not closed
   */
  public static List<String> split(String line) {
    CommandWords reader = new CommandWords(line);
    reader.read();
    if (reader.words.isEmpty()) {
      throw new IllegalArgumentException("expected a command, got '" + line + "'");
    }
    return List.copyOf(reader.words);
  }

  private void read() {
    while (at < line.length()) {
      char c = line.charAt(at++);
      if (c == '\'') {
        inWord = true;
        int end = closing('\'');
        word.append(line, at, end);
        at = end + 1;
      } else if (c == '"') {
        inWord = true;
        quoted();
      } else if (c == '\\') {
        inWord = true;
        if (at == line.length()) {
          throw new IllegalArgumentException("a backslash ends the command: " + line);
        }
        word.append(line.charAt(at++));
      } else if (Character.isWhitespace(c)) {
        endWord();
      } else {
        inWord = true;
        word.append(c);
      }
    }
    endWord();
  }

  private int closing(char quote) {
    int end = line.indexOf(quote, at);
    if (end < 0) {
      throw new IllegalArgumentException("a quote (" + quote + ") is not closed in: " + line);
    }
    return end;
  }

  private void quoted() {
    while (at < line.length()) {
      char c = line.charAt(at++);
      if (c == '"') {
        return;
      }
      if (c == '\\' && at < line.length() && ESCAPED_IN_QUOTES.indexOf(line.charAt(at)) >= 0) {
        c = line.charAt(at++);
      }
      word.append(c);
    }
    throw new IllegalArgumentException("a quote (\") is not closed in: " + line);
  }

  private void endWord() {
    if (inWord) {
      words.add(word.toString());
      word.setLength(0);
      inWord = false;
    }
  }
}
