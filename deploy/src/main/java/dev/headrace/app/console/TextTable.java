package dev.headrace.app.console;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Text in aligned columns, as wide as its cells need; numbers stand to the right. One thread. */
public final class TextTable {
  private final List<String> head;
  private final List<List<String>> rows = new ArrayList<>();
  private final Set<Integer> right = new HashSet<>();

  private TextTable(List<String> head) {
    this.head = head;
  }

  /** A table with these column heads. */
  public static TextTable of(String... head) {
    return new TextTable(List.of(head));
  }

  /** Columns, counted from 0, whose cells stand to the right. */
  public TextTable right(int... columns) {
    for (int column : columns) {
      right.add(column);
    }
    return this;
  }

  /** Adds a row of as many cells as there are heads. */
  public TextTable row(String... cells) {
    if (cells.length != head.size()) {
      throw new IllegalArgumentException(cells.length + " cells below " + head.size() + " heads");
    }
    rows.add(List.of(cells));
    return this;
  }

  /** Writes head and rows, each line after the indent. */
  public void print(PrintWriter out, String indent) {
    List<List<String>> all = new ArrayList<>();
    all.add(head);
    all.addAll(rows);
    int[] width = new int[head.size()];
    for (List<String> row : all) {
      for (int i = 0; i < width.length; i++) {
        width[i] = Math.max(width[i], row.get(i).length());
      }
    }
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder(indent);
      for (int i = 0; i < width.length; i++) {
        String blanks = " ".repeat(width[i] - row.get(i).length());
        line.append(right.contains(i) ? blanks + row.get(i) : row.get(i) + blanks).append("  ");
      }
      out.println(line.toString().stripTrailing());
    }
    out.flush();
  }
}
