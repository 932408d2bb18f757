package dev.headrace.app.admin;

import dev.headrace.app.CommandFailure;
import dev.headrace.app.ExitCode;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Asks a running router's admin port, and waits for the answer. What goes wrong becomes a {@link
 * CommandFailure} that says what to do about it.
 */
public final class AdminClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final URI base;
  private final @Nullable String token;

  /**
   * @param base {@code http://host:port} of the admin port
   */
  public AdminClient(URI base, @Nullable String token) {
    this.base = base;
    this.token = token;
  }

  /** Reads one path. */
  public JsonObject get(String path) {
    return send(request(path).GET().build());
  }

  /** Asks for an action on one worker: {@code drain}, {@code undrain}, {@code eject}, … */
  public JsonObject act(String workerId, String action) {
    String id = URLEncoder.encode(workerId, StandardCharsets.UTF_8).replace("+", "%20");
    return send(
        request("/admin/v1/workers/" + id + "/" + action)
            .POST(HttpRequest.BodyPublishers.noBody())
            .build());
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT);
    if (token != null && !token.isEmpty()) {
      builder.header("Authorization", "Bearer " + token);
    }
    return builder;
  }

  private JsonObject send(HttpRequest request) {
    HttpResponse<String> response;
    try {
      response = http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (ConnectException | HttpTimeoutException e) {
      throw unreachable("nothing answers");
    } catch (IOException e) {
      throw unreachable("it broke off (" + e.getClass().getSimpleName() + ")");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILED, "interrupted");
    }
    int status = response.statusCode();
    if (status == 401 || status == 403) {
      throw new CommandFailure(
          ExitCode.FAILED,
          "the router at "
              + base
              + (token == null ? " wants a token" : " refuses this token")
              + ": give its admin.token with --token or HEADRACE_ADMIN_TOKEN");
    }
    JsonObject body = json(response.body());
    if (status / 100 == 2 && body != null) {
      return body;
    }
    if (status / 100 == 2) {
      return new JsonObject();
    }
    throw new CommandFailure(ExitCode.FAILED, reason(status, body));
  }

  private String reason(int status, @Nullable JsonObject body) {
    if (body != null && body.getValue("error") instanceof JsonObject error) {
      String message = error.getString("message");
      if (message != null) {
        return message;
      }
    }
    return base + " answers with status " + status + "; is it the admin port of a router?";
  }

  private CommandFailure unreachable(String what) {
    return new CommandFailure(
        ExitCode.UNREACHABLE,
        what
            + " at "
            + base
            + ": start a router with 'headrace serve' or 'headrace demo', or name its admin address"
            + " with --admin");
  }

  private static @Nullable JsonObject json(String text) {
    try {
      return text.isBlank() ? null : new JsonObject(text);
    } catch (DecodeException e) {
      return null;
    }
  }
}
