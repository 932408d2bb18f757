package dev.headrace.app.real;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** A plain HTTP caller of one server, on the JDK's client. Any thread. */
final class Caller {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  /** A whole answer. */
  record Answer(int status, String body, HttpHeaders headers) {
    /** The body's tree; a missing node when it is no JSON. */
    JsonNode json() {
      try {
        JsonNode tree = JSON.readTree(body);
        return tree == null ? MissingNode.getInstance() : tree;
      } catch (IOException e) {
        return MissingNode.getInstance();
      }
    }
  }

  private final String base;
  private final String[] headers;

  /**
   * @param base such as {@code http://127.0.0.1:8088}
   * @param headers names and values in turn, sent with every request
   */
  Caller(String base, String... headers) {
    this.base = base;
    this.headers = headers.clone();
  }

  Answer get(String path) {
    return whole(request(path).GET().build());
  }

  Answer post(String path, String json) {
    return whole(request(path).POST(BodyPublishers.ofString(json)).build());
  }

  Answer post(String path, String contentType, String body) {
    return whole(request(path, contentType).POST(BodyPublishers.ofString(body)).build());
  }

  Answer put(String path, String json) {
    return whole(request(path).PUT(BodyPublishers.ofString(json)).build());
  }

  Answer delete(String path) {
    return whole(request(path).DELETE().build());
  }

  /** True when a GET is answered with 200; false for all else, also for no answer at all. */
  boolean ok(String path) {
    try {
      return get(path).status() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /** Sends and returns with the head; closing the body's stream leaves the server in the middle. */
  HttpResponse<InputStream> open(String path, String json) throws IOException {
    return send(
        request(path).POST(BodyPublishers.ofString(json)).build(), BodyHandlers.ofInputStream());
  }

  private Answer whole(HttpRequest request) {
    try {
      HttpResponse<String> response = send(request, BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body(), response.headers());
    } catch (IOException e) {
      throw new UncheckedIOException(request.method() + " " + request.uri(), e);
    }
  }

  private static <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      return CLIENT.send(request, handler);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return request(path, "application/json");
  }

  private HttpRequest.Builder request(String path, String contentType) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(LIMIT)
            .header("content-type", contentType);
    if (headers.length > 0) {
      builder.headers(headers);
    }
    return builder;
  }
}
