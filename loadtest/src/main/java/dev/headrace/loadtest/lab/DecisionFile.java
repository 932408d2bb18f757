package dev.headrace.loadtest.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Reads what {@code GET /admin/v1/decisions} gave, as one JSON object or as a line for each choice.
 */
final class DecisionFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  private DecisionFile(Path file) {
    this.file = file;
  }

  /** All choices, oldest first. */
  static List<RecordedChoice> read(Path file) throws ReplayReport.Unusable {
    return new DecisionFile(file).read();
  }

  private List<RecordedChoice> read() throws ReplayReport.Unusable {
    String text;
    try {
      text = Files.readString(file);
    } catch (MalformedInputException e) {
      throw new ReplayReport.Unusable(
          file + " is not UTF-8; expected the JSON of GET /admin/v1/decisions");
    } catch (IOException e) {
      throw new ReplayReport.Unusable(file + " cannot be read: " + e);
    }
    List<RecordedChoice> choices = new ArrayList<>();
    JsonNode whole = whole(text);
    if (whole.has("decisions")) {
      JsonNode list = whole.get("decisions");
      require(list.isArray(), "decisions", "a list of choices", list);
      for (int i = 0; i < list.size(); i++) {
        choices.add(choice("decisions[" + i + "]", list.get(i)));
      }
    } else {
      int number = 0;
      for (String line : text.lines().toList()) {
        number++;
        if (!line.isBlank()) {
          choices.add(choice("line " + number, parse(line, number)));
        }
      }
    }
    if (choices.isEmpty()) {
      throw new ReplayReport.Unusable(
          file
              + " has no choice in it; expected the answer of GET /admin/v1/decisions of a router"
              + " with logs.decisions above 0");
    }
    choices.sort(Comparator.comparingLong(RecordedChoice::seq));
    return choices;
  }

  private static JsonNode whole(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    }
  }

  private JsonNode parse(String line, int number) throws ReplayReport.Unusable {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new ReplayReport.Unusable(
          file
              + ", line "
              + number
              + ": not JSON ("
              + e.getOriginalMessage()
              + "); expected one choice per line, as GET /admin/v1/decisions?format=ndjson gives,"
              + " or its whole answer");
    }
  }

  private RecordedChoice choice(String where, JsonNode node) throws ReplayReport.Unusable {
    require(node.isObject(), where, "an object with seq, at, model, demand, workers", node);
    List<RecordedChoice.Candidate> workers = new ArrayList<>();
    JsonNode list = node.path("workers");
    require(list.isArray(), where + ".workers", "a list of candidates", list);
    for (int i = 0; i < list.size(); i++) {
      workers.add(candidate(where + ".workers[" + i + "]", list.get(i)));
    }
    double expected = number(where, node, "demand", "output_tokens");
    double came = node.path("outcome").path("output_tokens").asDouble(0);
    boolean ended = node.path("outcome").path("ended").asBoolean(false);
    return new RecordedChoice(
        (long) number(where, node, "seq"),
        instant(where + ".at", node.path("at")),
        text(where, node, "model"),
        text(where, node, "policy"),
        atLeastOne(where + ".demand.prompt_tokens", number(where, node, "demand", "prompt_tokens")),
        (int) Math.max(1, ended && came > 0 ? came : expected),
        node.path("chosen").isTextual() ? node.path("chosen").asText() : null,
        node.path("outcome").path("ttft_s").asDouble(Double.NaN),
        workers,
        node.path("more_workers").asInt(0));
  }

  private RecordedChoice.Candidate candidate(String where, JsonNode node)
      throws ReplayReport.Unusable {
    double weight = number(where, node, "parts", "weight");
    require(weight > 0, where + ".parts.weight", "a number above 0", node.at("/parts/weight"));
    JsonNode capacity = node.path("capacity");
    return new RecordedChoice.Candidate(
        text(where, node, "key"),
        node.path("reason").isTextual() ? node.path("reason").asText() : null,
        weight,
        capacity.canConvertToInt() && capacity.isNumber() && capacity.asInt() > 0
            ? capacity.asInt()
            : Integer.MAX_VALUE,
        (int) number(where, node, "in_flight"),
        new RecordedChoice.Rates(
            number(where, node, "rates", "prefill_fixed_s"),
            number(where, node, "rates", "prefill_s_per_token"),
            number(where, node, "rates", "gap_fixed_s"),
            number(where, node, "rates", "gap_s_per_request")));
  }

  private double number(String where, JsonNode node, String... path) throws ReplayReport.Unusable {
    JsonNode at = node;
    for (String part : path) {
      at = at.path(part);
    }
    String name = where + "." + String.join(".", path);
    require(at.isNumber() && at.asDouble() >= 0, name, "a number, 0 or more", at);
    return at.asDouble();
  }

  private double atLeastOne(String name, double value) throws ReplayReport.Unusable {
    require(value >= 1, name, "a number, 1 or more", JSON.getNodeFactory().numberNode(value));
    return value;
  }

  private String text(String where, JsonNode node, String name) throws ReplayReport.Unusable {
    require(node.path(name).isTextual(), where + "." + name, "a text", node.path(name));
    return node.path(name).asText();
  }

  private double instant(String where, JsonNode node) throws ReplayReport.Unusable {
    Predicate<JsonNode> readable =
        told -> {
          try {
            return Instant.parse(told.asText()).isAfter(Instant.EPOCH);
          } catch (DateTimeException e) {
            return false;
          }
        };
    require(readable.test(node), where, "a time such as 2026-01-31T12:00:00.000Z", node);
    Instant at = Instant.parse(node.asText());
    return at.getEpochSecond() + at.getNano() * 1e-9;
  }

  private void require(boolean holds, String where, String expected, JsonNode found)
      throws ReplayReport.Unusable {
    if (!holds) {
      String shown = found.isMissingNode() ? "nothing" : found.toString();
      throw new ReplayReport.Unusable(
          file
              + ", "
              + where
              + ": expected "
              + expected
              + ", found "
              + (shown.length() > 60 ? shown.substring(0, 60) + "…" : shown));
    }
  }
}
