package dev.headrace.worker;

import org.jspecify.annotations.Nullable;

/**
 * A model name that a worker answers to.
 *
 * @param id the name, as the worker spells it
 * @param parent the base model when this is an adapter (LoRA), else null
 * @param maxModelLen context length in tokens, or null when the worker does not tell
 */
public record ServedModel(String id, @Nullable String parent, @Nullable Integer maxModelLen) {

  public static ServedModel of(String id) {
    return new ServedModel(id, null, null);
  }
}
