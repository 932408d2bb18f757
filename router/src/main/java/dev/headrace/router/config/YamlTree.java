package dev.headrace.router.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads YAML into {@link Node}s. A mistake in the syntax ends the reading, since nothing after it
 * can be trusted; duplicate keys, aliases and further documents are reported and read past. No
 * piece of the file's text gets into a message, since it could be part of a secret.
 */
final class YamlTree {
  private static final YAMLFactory FACTORY = new YAMLFactory();
  private static final int MAX_DEPTH = 32;

  private final YAMLParser parser;
  private final String file;
  private final List<ConfigProblem> problems;

  private YamlTree(YAMLParser parser, String file, List<ConfigProblem> problems) {
    this.parser = parser;
    this.file = file;
    this.problems = problems;
  }

  /**
   * @param file the name to show
   * @return the root; an empty mapping when the file is empty or not YAML
   */
  static Node.Mapping read(String text, String file, List<ConfigProblem> problems) {
    Origin whole = Origin.of(file);
    try (YAMLParser parser = FACTORY.createParser(text)) {
      YamlTree tree = new YamlTree(parser, file, problems);
      JsonToken first = parser.nextToken();
      if (first == null) {
        return Node.Mapping.empty(whole);
      }
      Node root = tree.node(first, "", 0);
      if (parser.nextToken() != null) {
        tree.report("", "a second YAML document begins here; expected one");
      }
      if (root instanceof Node.Mapping mapping) {
        return mapping;
      }
      if (!(root instanceof Node.Empty)) {
        problems.add(
            new ConfigProblem("", root.origin(), null, "expected keys such as 'listen:'", null));
      }
      return Node.Mapping.empty(whole);
    } catch (JsonProcessingException e) {
      problems.add(syntax(e, file));
      return Node.Mapping.empty(whole);
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  private Node node(JsonToken token, String path, int depth) throws IOException {
    Origin origin = here();
    if (depth > MAX_DEPTH) {
      report(path, "nested deeper than " + MAX_DEPTH + " levels");
      parser.skipChildren();
      return new Node.Broken(origin);
    }
    if (parser.isCurrentAlias()) {
      report(path, "YAML aliases (*name) are not supported: write the value out");
      return new Node.Broken(origin);
    }
    return switch (token) {
      case START_OBJECT -> mapping(path, depth);
      case START_ARRAY -> sequence(path, depth);
      case VALUE_NULL -> new Node.Empty(origin);
      default -> Node.Text.of(parser.getText(), origin);
    };
  }

  private Node.Mapping mapping(String path, int depth) throws IOException {
    Origin origin = here();
    Map<String, Node.Entry> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      Origin keyOrigin = here();
      String keyPath = ConfigPath.child(path, key);
      Node value = node(parser.nextToken(), keyPath, depth + 1);
      Node.Entry first = entries.putIfAbsent(key, new Node.Entry(keyOrigin, value));
      if (first != null) {
        problems.add(
            new ConfigProblem(
                keyPath,
                keyOrigin,
                null,
                "is there twice: first in line " + first.origin().line(),
                null));
      }
    }
    return new Node.Mapping(entries, origin);
  }

  private Node.Sequence sequence(String path, int depth) throws IOException {
    Origin origin = here();
    List<Node> items = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      items.add(node(token, ConfigPath.item(path, items.size()), depth + 1));
    }
    return new Node.Sequence(items, origin);
  }

  private Origin here() {
    return new Origin(file, parser.currentTokenLocation().getLineNr());
  }

  private void report(String path, String expected) {
    problems.add(new ConfigProblem(path, here(), null, expected, null));
  }

  private static ConfigProblem syntax(JsonProcessingException e, String file) {
    JsonLocation at = e.getLocation();
    String column = at == null ? "" : " near column " + at.getColumnNr();
    return new ConfigProblem(
        "",
        new Origin(file, at == null ? 0 : at.getLineNr()),
        null,
        "cannot be read as YAML"
            + column
            + ": check indentation (spaces, no tabs), colons, brackets and quotes; what follows was not read",
        null);
  }
}
