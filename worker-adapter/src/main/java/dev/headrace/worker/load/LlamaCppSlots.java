package dev.headrace.worker.load;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.worker.LenientJson;

/**
 * llama-server's {@code /slots}, on by default: how many slots there are and which of them work.
 * What waits for one is not told. Versions before 2025 wrote {@code state} instead of {@code
 * is_processing}.
 */
public final class LlamaCppSlots implements LoadReader {

  public static final LoadReader INSTANCE = new LlamaCppSlots();

  private LlamaCppSlots() {}

  @Override
  public String path() {
    return "/slots";
  }

  @Override
  public WorkerLoad read(String body, long readAtNanos) {
    LoadSum sum = new LoadSum();
    JsonNode slots = LenientJson.read(body);
    if (slots.isArray()) {
      for (JsonNode slot : slots) {
        JsonNode busy = slot.path("is_processing");
        if (busy.isBoolean()) {
          sum.slots(1);
          sum.running(busy.booleanValue() ? 1 : 0);
        } else if (slot.path("state").isInt()) {
          sum.slots(1);
          sum.running(slot.path("state").intValue() == 0 ? 0 : 1);
        }
      }
    }
    return sum.at(readAtNanos);
  }
}
