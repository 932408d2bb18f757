package dev.headrace.worker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.worker.LenientJson;
import dev.headrace.worker.ServedModel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answer to {@code GET /v1/models} as the engines write it: {@code data} of cards, a bare
 * array of cards, or, when there is no {@code data}, llama.cpp's and Ollama's {@code models}. Names
 * keep their order and appear once; a card's {@code aliases} follow it.
 */
final class ModelList {

  private static final int MAX_NAME_LENGTH = 512;

  /** Where different servers put the context length. */
  private static final List<String> LENGTH_FIELDS =
      List.of("max_model_len", "context_length", "context_window", "max_context_length");

  private final List<ServedModel> models = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();

  private ModelList() {}

  static List<ServedModel> read(String body) {
    ModelList list = new ModelList();
    for (JsonNode card : cards(LenientJson.read(body))) {
      list.addCard(card);
    }
    return List.copyOf(list.models);
  }

  /** The cards themselves, for what single engines write beside the usual fields. */
  static JsonNode cards(JsonNode root) {
    if (root.isArray()) {
      return root;
    }
    return root.path("data").isArray() ? root.path("data") : root.path("models");
  }

  private void addCard(JsonNode card) {
    if (card.isTextual()) {
      add(card.textValue(), null, null);
      return;
    }
    String id = LenientJson.text(card, "id");
    if (id == null) {
      id = LenientJson.text(card, "name");
    }
    if (id == null) {
      return;
    }
    String parent = LenientJson.text(card, "parent");
    Integer length = length(card);
    add(id, parent, length);
    for (JsonNode alias : card.path("aliases")) {
      if (alias.isTextual()) {
        add(alias.textValue(), parent, length);
      }
    }
  }

  private void add(String name, @Nullable String parent, @Nullable Integer length) {
    boolean sane =
        !name.isBlank()
            && name.length() <= MAX_NAME_LENGTH
            && name.chars().noneMatch(Character::isISOControl);
    if (sane && seen.add(name)) {
      models.add(new ServedModel(name, parent, length));
    }
  }

  private static @Nullable Integer length(JsonNode card) {
    for (String field : LENGTH_FIELDS) {
      Integer length = positive(card, field);
      if (length != null) {
        return length;
      }
    }
    return positive(card.path("meta"), "n_ctx");
  }

  private static @Nullable Integer positive(JsonNode object, String field) {
    Integer value = LenientJson.count(object, field);
    return value != null && value > 0 ? value : null;
  }
}
