package dev.headrace.loadtest.perf;

import java.nio.charset.StandardCharsets;

/** A load that proxies are measured under. */
enum Workload {
  /** JSON requests without streams, closed loop. */
  JSON(64, "\"stream\":false,\"max_tokens\":16", "JSON request, 64 connections"),
  /** Many streams at the pace of a model. */
  PACED(
      300,
      "\"stream\":true,\"max_tokens\":400,\"user\":\"gap-10\"",
      "streamed token, 300 streams at 10 ms gaps"),
  /** Streams as fast as they go. */
  BACK_TO_BACK(
      64,
      "\"stream\":true,\"max_tokens\":1000,\"user\":\"gap-0\"",
      "streamed token, back to back, 64 streams"),
  /** One short stream after the other: what one request waits. */
  FIRST_TOKEN(
      1,
      "\"stream\":true,\"max_tokens\":1,\"user\":\"gap-0\"",
      "first token, one stream at a time");

  private final int connections;
  private final String fields;
  private final String unit;

  Workload(int connections, String fields, String unit) {
    this.connections = connections;
    this.fields = fields;
    this.unit = unit;
  }

  int connections() {
    return connections;
  }

  /** What the cost is counted by, in words. */
  String unit() {
    return unit;
  }

  /**
   * Units per second that it offers by its own pace; NaN when it goes as fast as it is answered.
   */
  double pace() {
    return this == PACED ? connections * 100 : Double.NaN;
  }

  /** The whole HTTP request. */
  byte[] request(int port) {
    String body =
        "{\"model\":\"mock\","
            + fields
            + ",\"messages\":[{\"role\":\"system\",\"content\":\"You are a helpful assistant.\"},"
            + "{\"role\":\"user\",\"content\":\"Say in a few words what a headrace is.\"}]}";
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:"
            + port
            + "\r\ncontent-type: application/json\r\naccept: */*\r\ncontent-length: "
            + body.length()
            + "\r\n\r\n";
    return (head + body).getBytes(StandardCharsets.US_ASCII);
  }
}
