package dev.headrace.router.admin;

import dev.headrace.router.fleet.EngineCatalog;
import dev.headrace.router.fleet.Registration;
import dev.headrace.router.fleet.Registration.Beat;
import dev.headrace.router.fleet.Registration.Status;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what workers send when they register and when they give a sign of life. */
final class RegistrationReader {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}");
  private static final int MODELS = 4096;
  private static final Set<String> REGISTRATION =
      Set.of(
          "id", "url", "engine", "models", "max_concurrency", "weight", "meta", "status", "reason");
  private static final Set<String> BEAT = Set.of("status", "reason", "models");
  private static final Set<String> MODEL = Set.of("id", "parent", "max_model_len");

  private final EngineCatalog engines;

  RegistrationReader(EngineCatalog engines) {
    this.engines = engines;
  }

  Registration registration(@Nullable Buffer body) {
    Fields fields = Fields.of(body, REGISTRATION);
    String id = fields.text("id", 128);
    if (!ID.matcher(id).matches()) {
      throw AdminRefusal.field(
          "id", "letters, digits and . _ : @ -, beginning with a letter or digit", "'" + id + "'");
    }
    String engine = fields.optionalText("engine", 64);
    if (engine != null && engines.byId(engine) == null) {
      throw AdminRefusal.field(
          "engine", "the id of an engine, or nothing so that the worker is asked", engine);
    }
    return new Registration(
        id,
        address(fields.text("url", 2048)),
        engine,
        models(fields),
        fields.optionalCount("max_concurrency"),
        fields.weight("weight"),
        fields.texts("meta", 64),
        new Beat(
            fields.oneOf("status", Status.class, Status.PASSING),
            fields.optionalLine("reason", 512),
            null));
  }

  Beat beat(@Nullable Buffer body) {
    Fields fields = Fields.of(body, BEAT);
    return new Beat(
        fields.oneOf("status", Status.class, Status.PASSING),
        fields.optionalLine("reason", 512),
        models(fields));
  }

  private static WorkerAddress address(String url) {
    try {
      return WorkerAddress.parse(url);
    } catch (IllegalArgumentException e) {
      throw AdminRefusal.field("url", "a URL such as http://127.0.0.1:8000", "'" + url + "'");
    }
  }

  private static @Nullable List<ServedModel> models(Fields fields) {
    List<Fields.Element> elements = fields.elements("models", MODELS);
    if (elements == null) {
      return null;
    }
    List<ServedModel> models = new ArrayList<>();
    for (Fields.Element element : elements) {
      if (element.value() instanceof String name) {
        if (name.isBlank() || name.length() > 512) {
          throw AdminRefusal.field(element.path(), "a text of 1 to 512 characters", "another");
        }
        models.add(ServedModel.of(name));
      } else {
        Fields model = element.fields(MODEL);
        models.add(
            new ServedModel(
                model.text("id", 512),
                model.optionalText("parent", 512),
                model.optionalCount("max_model_len")));
      }
    }
    return models;
  }
}
