package dev.headrace.router.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.scan.ScannedRequest.StreamOptions.Shape;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The scanner finds what a tree parser finds, and a splice is what editing the tree would be. */
class ScannerEqualsTreeParserTest {

  @Property(tries = 500)
  void theScannerFindsWhatATreeParserFinds(@ForAll("requests") JsonObject request)
      throws BodyRefused {
    ScannedRequest found = Scanned.json(bytes(request));

    Object model = request.getValue("model");
    assertThat(found.model()).isEqualTo("".equals(model) ? null : model);
    assertThat(found.stream()).isEqualTo(Boolean.TRUE.equals(request.getValue("stream")));
    Object options = request.getValue("stream_options");
    boolean asked =
        options instanceof JsonObject object
            && Boolean.TRUE.equals(object.getValue("include_usage"));
    assertThat(found.streamOptions().includeUsage()).isEqualTo(asked);
    long limit = -1;
    for (String name : List.of("max_tokens", "max_completion_tokens")) {
      limit = Math.max(limit, request.getValue(name) instanceof Integer i ? i : -1);
    }
    assertThat(found.maxTokens()).isEqualTo(limit);
    List<Object> prompt = new ArrayList<>();
    if (request.containsKey("messages")) {
      if (request.getValue("tools") instanceof JsonArray list && !list.isEmpty()) {
        prompt.add(list);
      }
      prompt.add(request.getValue("messages"));
    }
    String body = request.encode();
    assertThat(
            found.promptAt().stream()
                .map(part -> Json.decodeValue(Scanned.text(body, part)))
                .toList())
        .isEqualTo(prompt);
  }

  @Property(tries = 500)
  void aSpliceIsWhatEditingTheTreeWouldBe(
      @ForAll("requests") JsonObject request, @ForAll("names") String name, @ForAll boolean usage)
      throws BodyRefused {
    byte[] body = bytes(request);
    ScannedRequest found = Scanned.json(body);
    byte[] spliced = Scanned.spliced(body, found, name, usage);

    JsonObject expected = request.copy();
    if (found.modelAt() != null) {
      expected.put("model", name);
    }
    if (usage && BodySplice.canAskForUsage(found)) {
      Object options = expected.getValue("stream_options");
      JsonObject changed = options instanceof JsonObject object ? object : new JsonObject();
      expected.put("stream_options", changed.put("include_usage", true));
    }
    assertThat(new JsonObject(new String(spliced, StandardCharsets.UTF_8))).isEqualTo(expected);
  }

  @Property(tries = 1000)
  void junkIsRefusedAndNothingElseIsEverThrown(@ForAll("junk") byte[] junk) {
    try {
      ScannedRequest found = Scanned.json(junk);
      assertThat(found.streamOptions().shape()).isNotNull();
      Scanned.spliced(junk, found, "x", true);
    } catch (BodyRefused refused) {
      assertThat(refused.reason()).isNotBlank();
    }
  }

  @Property(tries = 500)
  void junkWithPartsIsRefusedAndNothingElseIsEverThrown(@ForAll("multipartJunk") byte[] junk) {
    try {
      ScannedRequest found = Scanned.multipart(junk, "multipart/form-data; boundary=b");
      Scanned.spliced(junk, found, "x", true);
      assertThat(found.streamOptions().shape()).isEqualTo(Shape.ABSENT);
    } catch (BodyRefused refused) {
      assertThat(refused.reason()).isNotBlank();
    }
  }

  private static byte[] bytes(JsonObject request) {
    return request.encode().getBytes(StandardCharsets.UTF_8);
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings()
        .withChars("abcXYZ-/:.\"\\\n\té日\uD83D\uDE00".toCharArray())
        .ofMinLength(1)
        .ofMaxLength(12)
        .filter(text -> !text.matches(".*[\\uD800-\\uDFFF].*") && validSurrogates(text));
  }

  private static boolean validSurrogates(String text) {
    return text.equals(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
  }

  private Arbitrary<Object> scalars() {
    return Arbitraries.oneOf(
        names().map(Object.class::cast),
        Arbitraries.integers().between(-5, 100_000).map(Object.class::cast),
        Arbitraries.of(true, false).map(Object.class::cast),
        Arbitraries.of(1.5, -2.25).map(Object.class::cast));
  }

  private Arbitrary<Object> values() {
    Arbitrary<Object> flat = scalars();
    Arbitrary<Object> lists = flat.list().ofMaxSize(4).map(JsonArray::new);
    Arbitrary<Object> objects =
        Arbitraries.maps(Arbitraries.of("model", "a", "include_usage", "role"), flat)
            .ofMaxSize(3)
            .map(map -> new JsonObject(new java.util.LinkedHashMap<>(map)));
    Arbitrary<Object> nested =
        Arbitraries.oneOf(lists, objects).list().ofMaxSize(3).map(JsonArray::new);
    return Arbitraries.oneOf(flat, lists, objects, nested);
  }

  @Provide
  Arbitrary<JsonObject> requests() {
    Arbitrary<Map<String, Object>> others =
        Arbitraries.maps(
                Arbitraries.of(
                    "stream",
                    "stream_options",
                    "messages",
                    "tools",
                    "max_tokens",
                    "max_completion_tokens",
                    "temperature",
                    "x"),
                values())
            .ofMaxSize(8);
    Arbitrary<Boolean> streams = Arbitraries.of(true, false);
    return Combinators.combine(others, names().injectNull(0.2), streams)
        .as(
            (map, model, stream) -> {
              JsonObject request = new JsonObject();
              map.forEach(
                  (key, value) -> {
                    request.put(key, value);
                    if (model != null && request.size() == 2) {
                      request.put("model", model);
                    }
                  });
              if (stream) {
                request.put("stream", true);
              }
              if (model != null) {
                request.put("model", model);
              }
              return request;
            });
  }

  @Provide
  Arbitrary<byte[]> junk() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\"model\"",
            "\"stream\":true",
            "null",
            "1e999",
            "99999999999999999999",
            "\\u12",
            "\"stream_options\":",
            "{\"model\":\"a\"}",
            " ",
            "\n",
            "\u0000",
            "\u00ff",
            "日",
            "\"messages\":[",
            "tru");
    Arbitrary<byte[]> json =
        pieces
            .list()
            .ofMaxSize(12)
            .map(list -> String.join("", list).getBytes(StandardCharsets.UTF_8));
    Arbitrary<byte[]> raw = Arbitraries.bytes().array(byte[].class).ofMaxSize(40);
    Arbitrary<byte[]> opened =
        raw.map(
            bytes -> {
              byte[] with = new byte[bytes.length + 1];
              with[0] = '{';
              System.arraycopy(bytes, 0, with, 1, bytes.length);
              return with;
            });
    return Arbitraries.oneOf(json, raw, opened);
  }

  @Provide
  Arbitrary<byte[]> multipartJunk() {
    return Arbitraries.of(
            "--b",
            "\r\n",
            "--",
            "--b\r\n",
            "\r\n--b--\r\n",
            "Content-Disposition: form-data; name=\"model\"\r\n\r\n",
            "x",
            "\u0000",
            "\r\n\r\n",
            "é")
        .list()
        .ofMaxSize(14)
        .map(list -> String.join("", list).getBytes(StandardCharsets.UTF_8));
  }
}
