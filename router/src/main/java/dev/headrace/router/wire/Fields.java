package dev.headrace.router.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The header lines of one message, in their order. Names are compared without regard to case; a
 * name may stand in several lines. Not safe for several threads.
 */
public final class Fields {
  private String[] lines = new String[24];
  private int size;

  /** Adds a line. */
  public void add(String name, String value) {
    if (size == lines.length) {
      lines = Arrays.copyOf(lines, size * 2);
    }
    lines[size++] = name;
    lines[size++] = value;
  }

  /** Number of lines. */
  public int size() {
    return size / 2;
  }

  public String name(int line) {
    return lines[2 * line];
  }

  public String value(int line) {
    return lines[2 * line + 1];
  }

  /** The value of the first line of that name, or null. */
  public @Nullable String get(String name) {
    for (int i = 0; i < size; i += 2) {
      if (lines[i].equalsIgnoreCase(name)) {
        return lines[i + 1];
      }
    }
    return null;
  }

  /** The values of all lines of that name. */
  public List<String> all(String name) {
    List<String> found = new ArrayList<>(1);
    for (int i = 0; i < size; i += 2) {
      if (lines[i].equalsIgnoreCase(name)) {
        found.add(lines[i + 1]);
      }
    }
    return found;
  }

  /** True when one of the comma-separated words of that name's lines is {@code word}. */
  public boolean says(String name, String word) {
    for (int i = 0; i < size; i += 2) {
      if (lines[i].equalsIgnoreCase(name)) {
        for (String part : lines[i + 1].split(",", -1)) {
          if (part.trim().equalsIgnoreCase(word)) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
