package dev.headrace.worker;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import org.jspecify.annotations.Nullable;

/**
 * Reads what workers say of themselves without ever throwing: an answer that is cut short, nested
 * too deep or no JSON at all is a missing node, and a field of another type than expected is
 * absent.
 *
 * <p>Meant for small answers (profiles, model lists, errors); requests and streams are scanned
 * elsewhere, without a tree. Any thread.
 */
public final class LenientJson {

  private static final int MAX_DEPTH = 100;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
              .build());

  private LenientJson() {}

  /** The document at the beginning of the text, or a missing node. */
  public static JsonNode read(String text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      return node == null ? MissingNode.getInstance() : node;
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  /** The field when it is a text with something in it, else null. */
  public static @Nullable String text(JsonNode object, String field) {
    JsonNode value = object.get(field);
    return value != null && value.isTextual() && !value.textValue().isBlank()
        ? value.textValue()
        : null;
  }

  /** The field when it is a whole number that is not negative and fits, else null. */
  public static @Nullable Integer count(JsonNode object, String field) {
    JsonNode value = object.get(field);
    return value != null
            && value.isNumber()
            && value.canConvertToInt()
            && value.canConvertToExactIntegral()
            && value.intValue() >= 0
        ? value.intValue()
        : null;
  }

  /** The field when it is a finite number, else NaN. */
  public static double number(JsonNode object, String field) {
    JsonNode value = object.get(field);
    double number = value != null && value.isNumber() ? value.doubleValue() : Double.NaN;
    return Double.isFinite(number) ? number : Double.NaN;
  }
}
