package dev.headrace.router.balance;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a policy would do now, for explanations.
 *
 * @param best which of the candidates it would take: one, several when chance decides among equals,
 *     none when that cannot be said
 * @param undecided why it cannot be said, or null when it can
 * @param notes for each candidate what no number says, or null; empty: nothing for any
 */
public record Outlook(
    List<Integer> best, @Nullable String undecided, List<@Nullable String> notes) {

  /** One of these. */
  public static Outlook of(List<Integer> best) {
    return new Outlook(List.copyOf(best), null, List.of());
  }

  /** Nobody can say. */
  public static Outlook open(String why) {
    return new Outlook(List.of(), why, List.of());
  }

  /** The same with a note on each of so many candidates. */
  public Outlook noting(int candidates, IntFunction<@Nullable String> note) {
    List<@Nullable String> all = new ArrayList<>(candidates);
    for (int i = 0; i < candidates; i++) {
      all.add(note.apply(i));
    }
    return new Outlook(best, undecided, Collections.unmodifiableList(all));
  }

  /** What is noted of a candidate, or null. */
  public @Nullable String note(int candidate) {
    return candidate < notes.size() ? notes.get(candidate) : null;
  }
}
