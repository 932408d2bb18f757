package dev.headrace.router.admin;

import dev.headrace.router.error.ErrorBody;
import dev.headrace.router.error.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.SecurityPolicyHandler;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns operations into routes. The guard stands on each route itself, so that no spelling of a
 * path leads around it. Whatever goes wrong, the caller gets one answer in the common error form,
 * and never a stack trace.
 */
final class AdminApi {
  private static final Logger LOG = Logger.getLogger(AdminApi.class.getName());
  private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

  private final Router router;
  private final AdminGuard guard;

  /**
   * @param bodyLimit bytes of one request body
   */
  AdminApi(Vertx vertx, AdminGuard guard, List<Operation> operations, int bodyLimit) {
    this.guard = guard;
    this.router = Router.router(vertx);
    for (Operation operation : operations) {
      Route route =
          router.route(operation.method(), operation.path().replaceAll("\\{(\\w+)}", ":$1"));
      if (!operation.open()) {
        route.handler((SecurityPolicyHandler) this::check);
      }
      if (operation.requestSchema() != null) {
        route.handler((SecurityPolicyHandler) AdminApi::checkMediaType);
        route.handler(BodyHandler.create(false).setBodyLimit(bodyLimit));
      }
      route.handler(context -> act(operation, context)).failureHandler(AdminApi::failed);
    }
    for (int status : List.of(400, 404, 405, 413, 500)) {
      router.errorHandler(status, AdminApi::failed);
    }
  }

  /** The routes, for whoever wants to know what there is. */
  Router router() {
    return router;
  }

  /** The root: what escapes the routes still gets an answer. */
  void handle(HttpServerRequest request) {
    try {
      String coding = request.getHeader("Transfer-Encoding");
      if (coding != null && !coding.equalsIgnoreCase("chunked")) {
        refuse(request, ErrorCode.BAD_FRAMING, "the transfer coding is not 'chunked'");
        return;
      }
      if (request.path() == null || BAD_ESCAPE.matcher(request.path()).find()) {
        refuse(request, ErrorCode.INVALID_PARAMETER, "the path cannot be read");
        return;
      }
      router.handle(request);
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "The admin API failed on " + request.path(), e);
      refuse(request, ErrorCode.INTERNAL_ERROR, "internal error");
    }
  }

  private void check(RoutingContext context) {
    guard.check(context.request());
    context.next();
  }

  private static void checkMediaType(RoutingContext context) {
    String type = context.request().getHeader("Content-Type");
    if (type != null && !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
      throw new AdminRefusal(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "expected a body of type application/json", null);
    }
    context.next();
  }

  private static void act(Operation operation, RoutingContext context) {
    Future<Operation.Reply> reply = operation.action().apply(context);
    reply.onSuccess(done -> write(context.response(), done)).onFailure(context::fail);
  }

  private static void write(HttpServerResponse response, Operation.Reply reply) {
    if (response.ended() || response.closed()) {
      return;
    }
    response
        .setStatusCode(reply.status())
        .putHeader("Cache-Control", "no-store")
        .putHeader("X-Content-Type-Options", "nosniff");
    if (reply.body() == null) {
      response.end();
    } else {
      response.putHeader("Content-Type", reply.contentType()).end(reply.body());
    }
  }

  private static void failed(RoutingContext context) {
    Throwable failure = context.failure();
    if (failure instanceof AdminRefusal refusal) {
      render(context.response(), refusal.code(), String.valueOf(refusal.getMessage()), refusal);
      return;
    }
    int status = context.statusCode();
    ErrorCode code =
        switch (status) {
          case 400 -> ErrorCode.INVALID_BODY;
          case 404 -> ErrorCode.UNKNOWN_PATH;
          case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
          case 413 -> ErrorCode.REQUEST_TOO_LARGE;
          default -> ErrorCode.INTERNAL_ERROR;
        };
    if (code == ErrorCode.INTERNAL_ERROR) {
      LOG.log(Level.SEVERE, "The admin API failed on " + context.request().path(), failure);
    }
    render(context.response(), code, message(code), null);
  }

  private static String message(ErrorCode code) {
    return switch (code) {
      case UNKNOWN_PATH -> "no such path: /admin/openapi.json lists them";
      case METHOD_NOT_ALLOWED -> "this path does not take that method";
      case REQUEST_TOO_LARGE -> "the body is too large";
      case INVALID_BODY -> "the request cannot be read";
      default -> "internal error";
    };
  }

  private static void refuse(HttpServerRequest request, ErrorCode code, String message) {
    request.response().putHeader("Connection", "close");
    render(request.response(), code, message, null);
  }

  private static void render(
      HttpServerResponse response, ErrorCode code, String message, @Nullable AdminRefusal refusal) {
    if (response.ended() || response.closed()) {
      return;
    }
    if (response.headWritten()) {
      response.reset();
      return;
    }
    if (code == ErrorCode.INVALID_API_KEY) {
      response.putHeader("WWW-Authenticate", "Bearer realm=\"headrace-admin\"");
    }
    response
        .setStatusCode(code.status())
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store")
        .end(
            ErrorBody.openai(
                    message,
                    code.type().openai(),
                    refusal == null ? null : refusal.param(),
                    code.code())
                .encode());
  }
}
