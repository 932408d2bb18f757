package dev.headrace.worker.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A tool is called with arguments that its schema allows, the same ones each time. */
class ToolCallTest {
  static JsonArray weatherTool() {
    return new JsonArray(
        """
        [{"type":"function","function":{"name":"weather","parameters":{"type":"object",
          "properties":{"city":{"type":"string"},"days":{"type":"integer"}}}}}]""");
  }

  @Test
  void every_type_has_a_fitting_value() {
    ToolCall call =
        ToolCall.of(
            "f",
            new JsonObject(
                """
                {"type":"object","properties":{"s":{"type":"string"},"i":{"type":"integer"},
                 "n":{"type":"number"},"b":{"type":"boolean"},"a":{"type":"array"},
                 "e":{"type":"string","enum":["x","y"]},"u":{"type":["string","null"]},
                 "o":{"type":"object","properties":{"in":{"type":"string"}}}}}"""));
    assertThat(new JsonObject(call.arguments()).encode())
        .isEqualTo(
            "{\"s\":\"a s\",\"i\":7,\"n\":1.5,\"b\":true,\"a\":[],\"e\":\"x\",\"u\":\"a u\","
                + "\"o\":{\"in\":\"a in\"}}");
    assertThat(String.join("", call.fragments())).isEqualTo(call.arguments());
  }

  @Test
  void a_function_without_parameters_takes_none() {
    assertThat(ToolCall.of("f", null).fragments()).isEqualTo(List.of("{}"));
  }
}
