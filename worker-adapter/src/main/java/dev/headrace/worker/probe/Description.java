package dev.headrace.worker.probe;

import dev.headrace.worker.Engine;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.engine.EngineDetector;
import dev.headrace.worker.engine.EngineDetector.Answer;
import dev.headrace.worker.probe.ProbeException.Fault;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One description of one worker: the model list first, for it is what a worker must have; then, if
 * nobody said which, the signs of its engine; then what else that engine tells. No path is asked
 * twice. Confined to the context of its futures.
 */
final class Description {

  private static final String MODELS = "/v1/models";

  private final Function<String, Future<Question.Answer>> get;
  private final boolean hasKey;
  private final List<Answer> answers = new ArrayList<>();

  /**
   * @param get asks the worker for one path; fails with {@link ProbeException}
   * @param hasKey whether it sends an API key
   */
  Description(Function<String, Future<Question.Answer>> get, boolean hasKey) {
    this.get = get;
    this.hasKey = hasKey;
  }

  Future<WorkerProfile> of(@Nullable Engine known) {
    String modelsPath = known == null ? MODELS : known.modelsPath();
    return get.apply(modelsPath)
        .compose(
            first -> {
              Answer list = new Answer(modelsPath, first.status(), first.body());
              answers.add(list);
              if (list.status() == 401 || list.status() == 403) {
                return Future.failedFuture(refusedKey(list));
              }
              return known != null
                  ? profile(known, list)
                  : detect(EngineDetector.questions().iterator())
                      .compose(engine -> profile(engine, list));
            });
  }

  private Future<Engine> detect(Iterator<String> questions) {
    Answer last = answers.get(answers.size() - 1);
    Engine proven = EngineDetector.proven(last);
    if (proven != null) {
      return Future.succeededFuture(proven);
    }
    while (questions.hasNext()) {
      String path = questions.next();
      if (find(path) == null) {
        return ask(path).compose(answer -> detect(questions));
      }
    }
    Engine likeliest = EngineDetector.likeliest(answers);
    return likeliest != null
        ? Future.succeededFuture(likeliest)
        : Future.failedFuture(noModelList(answers.get(0)));
  }

  private Future<WorkerProfile> profile(Engine engine, Answer list) {
    if (list.status() != 200) {
      boolean loading = engine.failure(list.status(), list.body()) == FailureKind.NOT_READY;
      return Future.failedFuture(
          loading
              ? new ProbeException(Fault.NOT_READY, "is still loading its model (" + engine + ")")
              : noModelList(list));
    }
    List<ServedModel> models = engine.models(list.body());
    if (models.isEmpty()) {
      return Future.failedFuture(
          new ProbeException(
              Fault.UNREADABLE, "its answer to GET " + list.path() + " names no model"));
    }
    WorkerProfile bare = new WorkerProfile(engine.id(), null, models, null);
    return enrich(engine, bare, engine.profilePaths().iterator());
  }

  private Future<WorkerProfile> enrich(
      Engine engine, WorkerProfile profile, Iterator<String> paths) {
    boolean complete = profile.version() != null && profile.maxConcurrency() != null;
    if (complete || !paths.hasNext()) {
      return Future.succeededFuture(profile);
    }
    String path = paths.next();
    Answer asked = find(path);
    return (asked != null ? Future.succeededFuture(asked) : ask(path))
        .compose(
            answer ->
                enrich(
                    engine,
                    answer.status() == 200
                        ? engine.readProfile(profile, path, answer.body())
                        : profile,
                    paths));
  }

  /** An answer that does not come counts as one without content: others may still tell. */
  private Future<Answer> ask(String path) {
    return get.apply(path)
        .map(answer -> new Answer(path, answer.status(), answer.body()))
        .otherwise(failure -> new Answer(path, 0, ""))
        .onSuccess(answers::add);
  }

  private @Nullable Answer find(String path) {
    for (Answer answer : answers) {
      if (answer.path().equals(path)) {
        return answer;
      }
    }
    return null;
  }

  private ProbeException refusedKey(Answer list) {
    return new ProbeException(
        Fault.CREDENTIAL,
        "answered "
            + list.status()
            + " to GET "
            + list.path()
            + (hasKey ? ": it refuses the API key" : ": it asks for an API key"));
  }

  private static ProbeException noModelList(Answer list) {
    if (list.status() == 503) {
      return new ProbeException(
          Fault.NOT_READY, "answered 503 to GET " + list.path() + ": it is not ready");
    }
    return new ProbeException(
        Fault.UNREADABLE,
        list.status() == 200
            ? "its answer to GET " + list.path() + " is no model list"
            : "answered " + list.status() + " to GET " + list.path());
  }
}
