package dev.headrace.router.scan;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the parts of a prompt stand in a JSON body. Engines put tools and the system prompt before
 * the messages, wherever they stand in the body. Where a part occurs twice the last one counts.
 * Confined to one scan.
 */
final class PromptParts {
  private @Nullable Span tools;
  private @Nullable Span system;
  private @Nullable Span text;

  void tools(Span at) {
    tools = at;
  }

  void system(Span at) {
    system = at;
  }

  /** Messages, a prompt or inputs. */
  void text(Span at) {
    text = at;
  }

  /** The parts in the order in which an engine reads them; empty without a text. */
  List<Span> inOrder() {
    Span last = text;
    if (last == null) {
      return List.of();
    }
    List<Span> parts = new ArrayList<>(3);
    if (tools != null) {
      parts.add(tools);
    }
    if (system != null) {
      parts.add(system);
    }
    parts.add(last);
    return parts;
  }
}
