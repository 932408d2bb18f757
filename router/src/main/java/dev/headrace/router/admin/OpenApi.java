package dev.headrace.router.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Describes the admin API in OpenAPI 3, from the operations themselves. Pure. */
final class OpenApi {
  private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");

  private OpenApi() {}

  static JsonObject describe(List<Operation> operations, String version) {
    JsonObject paths = new JsonObject();
    for (Operation operation : operations) {
      JsonObject path = paths.getJsonObject(operation.path());
      if (path == null) {
        path = new JsonObject();
        paths.put(operation.path(), path);
      }
      path.put(operation.method().name().toLowerCase(Locale.ROOT), operation(operation));
    }
    return new JsonObject()
        .put("openapi", "3.0.3")
        .put(
            "info",
            new JsonObject()
                .put("title", "Headrace admin API")
                .put("version", version)
                .put("description", "Fleet, models, meters and switches of one router."))
        .put("paths", paths)
        .put(
            "components",
            new JsonObject()
                .put("schemas", OpenApiSchemas.all())
                .put(
                    "securitySchemes",
                    new JsonObject()
                        .put(
                            "token", new JsonObject().put("type", "http").put("scheme", "bearer"))))
        .put("security", new JsonArray().add(new JsonObject().put("token", new JsonArray())));
  }

  private static JsonObject operation(Operation operation) {
    JsonObject json =
        new JsonObject()
            .put("operationId", operation.id())
            .put("summary", operation.summary())
            .put("responses", responses(operation));
    JsonArray parameters = parameters(operation);
    if (!parameters.isEmpty()) {
      json.put("parameters", parameters);
    }
    if (operation.requestSchema() != null) {
      json.put("requestBody", content(operation.requestSchema()).put("required", true));
    }
    if (operation.open()) {
      json.put("security", new JsonArray());
    }
    return json;
  }

  private static JsonObject responses(Operation operation) {
    JsonObject responses = new JsonObject();
    operation
        .answers()
        .forEach(
            (status, answer) -> {
              JsonObject response =
                  answer.schema() == null ? new JsonObject() : content(answer.schema());
              responses.put(
                  Integer.toString(status), response.put("description", answer.meaning()));
            });
    if (!operation.open()) {
      responses.put(
          "401", content("Error").put("description", "The token is missing or another one"));
    }
    return responses;
  }

  private static JsonArray parameters(Operation operation) {
    JsonArray parameters = new JsonArray();
    Matcher matcher = PARAMETER.matcher(operation.path());
    while (matcher.find()) {
      parameters.add(
          new JsonObject()
              .put("name", matcher.group(1))
              .put("in", "path")
              .put("required", true)
              .put("schema", new JsonObject().put("type", "string")));
    }
    for (String name : operation.query()) {
      parameters.add(
          new JsonObject()
              .put("name", name)
              .put("in", "query")
              .put("required", false)
              .put("schema", new JsonObject().put("type", "string")));
    }
    return parameters;
  }

  private static JsonObject content(String schema) {
    return new JsonObject()
        .put(
            "content",
            new JsonObject()
                .put(
                    "application/json",
                    new JsonObject()
                        .put(
                            "schema",
                            new JsonObject().put("$ref", "#/components/schemas/" + schema))));
  }
}
