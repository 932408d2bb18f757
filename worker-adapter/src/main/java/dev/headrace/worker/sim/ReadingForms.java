package dev.headrace.worker.sim;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Endpoints that read text and generate none. Stateless; any thread. */
final class ReadingForms {
  private ReadingForms() {}

  /** {@code /v1/embeddings}. */
  static SimRoute.Reading.Read embeddings(JsonObject body, String idPrefix) {
    List<int[]> inputs = Texts.inputs(body.getValue("input"), "input");
    int dimensions = OpenAiRequests.count(body, "dimensions", Embeddings.DIMENSIONS);
    if (dimensions < 1 || dimensions > 65_536) {
      throw Refusal.badRequest("dimensions must be 1 to 65536", "dimensions");
    }
    boolean base64 = "base64".equals(body.getValue("encoding_format"));
    int[] all = Texts.joined(inputs);
    return new SimRoute.Reading.Read(
        OpenAiRequests.text(body, "model"),
        all,
        (model, id, created) -> {
          JsonArray data = new JsonArray();
          for (int[] input : inputs) {
            float[] vector = Embeddings.vector(input, dimensions);
            data.add(
                new JsonObject()
                    .put("object", "embedding")
                    .put("index", data.size())
                    .put(
                        "embedding",
                        base64 ? Embeddings.base64(vector) : Embeddings.floats(vector)));
          }
          return Reply.json(
              new JsonObject()
                  .put("id", idPrefix + id)
                  .put("object", "list")
                  .put("created", created)
                  .put("model", model)
                  .put("data", data)
                  .put("usage", Texts.usage(all.length)));
        });
  }

  /** Documents by how well they fit a query, best first. */
  private static JsonArray ranked(int[] query, List<int[]> documents, int most) {
    List<JsonObject> results = new ArrayList<>();
    for (int i = 0; i < documents.size(); i++) {
      results.add(
          new JsonObject()
              .put("index", i)
              .put("relevance_score", Embeddings.score(query, documents.get(i))));
    }
    Comparator<JsonObject> byScore =
        Comparator.comparingDouble(result -> result.getDouble("relevance_score"));
    results.sort(byScore.reversed());
    return new JsonArray(new ArrayList<>(results.subList(0, Math.min(most, results.size()))));
  }

  /** {@code /v1/rerank} of vLLM and llama.cpp. */
  static SimRoute.Reading.Read rerank(JsonObject body, boolean withDocuments) {
    int[] query = OpenAiRequests.tokens(OpenAiRequests.text(body, "query"));
    JsonArray documents = OpenAiRequests.array(body, "documents");
    List<int[]> texts = Texts.inputs(documents, "documents");
    int most = OpenAiRequests.count(body, "top_n", documents.size());
    int tokens = query.length * texts.size() + Texts.joined(texts).length;
    return new SimRoute.Reading.Read(
        OpenAiRequests.text(body, "model"),
        Texts.joined(texts),
        (model, id, created) -> {
          JsonArray results = ranked(query, texts, most == 0 ? texts.size() : most);
          if (withDocuments) {
            for (Object result : results) {
              JsonObject object = (JsonObject) result;
              Object document = documents.getValue(object.getInteger("index"));
              object.put("document", new JsonObject().put("text", document));
            }
          }
          return Reply.json(
              new JsonObject()
                  .put("id", "rerank-" + id)
                  .put("object", "list")
                  .put("model", model)
                  .put("usage", Texts.usage(tokens))
                  .put("results", results));
        });
  }

  /** SGLang's {@code /v1/rerank}: a bare list. */
  static SimRoute.Reading.Read sglangRerank(JsonObject body) {
    int[] query = OpenAiRequests.tokens(OpenAiRequests.text(body, "query"));
    JsonArray documents = OpenAiRequests.array(body, "documents");
    List<int[]> texts = Texts.inputs(documents, "documents");
    return new SimRoute.Reading.Read(
        OpenAiRequests.text(body, "model"),
        Texts.joined(texts),
        (model, id, created) -> {
          JsonArray list = new JsonArray();
          for (Object result : ranked(query, texts, texts.size())) {
            JsonObject object = (JsonObject) result;
            int index = object.getInteger("index");
            list.add(
                new JsonObject()
                    .put("score", object.getDouble("relevance_score"))
                    .put("document", documents.getValue(index))
                    .put("index", index)
                    .put("meta_info", new JsonObject().put("id", id)));
          }
          return Reply.json(list);
        });
  }

  /** vLLM's {@code /score}: one text against one or more. */
  static SimRoute.Reading.Read score(JsonObject body) {
    List<int[]> ones = Texts.inputs(body.getValue("text_1", body.getValue("queries")), "text_1");
    List<int[]> others =
        Texts.inputs(body.getValue("text_2", body.getValue("documents")), "text_2");
    if (ones.size() != 1 && ones.size() != others.size()) {
      throw Refusal.badRequest("text_1 must be one text, or as many as text_2", "text_1");
    }
    int[] all = Texts.joined(others);
    return new SimRoute.Reading.Read(
        OpenAiRequests.text(body, "model"),
        all,
        (model, id, created) -> {
          JsonArray data = new JsonArray();
          for (int i = 0; i < others.size(); i++) {
            data.add(
                new JsonObject()
                    .put("index", i)
                    .put("object", "score")
                    .put(
                        "score",
                        Embeddings.score(ones.get(ones.size() == 1 ? 0 : i), others.get(i))));
          }
          return Reply.json(
              new JsonObject()
                  .put("id", "score-" + id)
                  .put("object", "list")
                  .put("created", created)
                  .put("model", model)
                  .put("data", data)
                  .put("usage", Texts.usage(all.length)));
        });
  }

  /** SGLang's {@code /v1/score}: a query against items. */
  static SimRoute.Reading.Read sglangScore(JsonObject body) {
    int[] query = OpenAiRequests.tokens(body.getValue("query", ""));
    List<int[]> items = Texts.inputs(body.getValue("items"), "items");
    return new SimRoute.Reading.Read(
        OpenAiRequests.text(body, "model"),
        Texts.joined(items),
        (model, id, created) -> {
          JsonArray scores = new JsonArray();
          items.forEach(item -> scores.add(new JsonArray().add(Embeddings.score(query, item))));
          return Reply.json(
              new JsonObject().put("scores", scores).put("model", model).put("object", "scoring"));
        });
  }

  /** vLLM's {@code /classify}: two classes. */
  static SimRoute.Reading.Read classify(JsonObject body) {
    List<int[]> inputs = Texts.inputs(body.getValue("input"), "input");
    int[] all = Texts.joined(inputs);
    return new SimRoute.Reading.Read(
        OpenAiRequests.text(body, "model"),
        all,
        (model, id, created) -> {
          JsonArray data = new JsonArray();
          for (int[] input : inputs) {
            double share = Embeddings.score(input, new int[0]);
            data.add(
                new JsonObject()
                    .put("index", data.size())
                    .put("label", share < 0.5 ? "LABEL_0" : "LABEL_1")
                    .put("probs", new JsonArray().add(1 - share).add(share))
                    .put("num_classes", 2));
          }
          return Reply.json(
              new JsonObject()
                  .put("id", "classify-" + id)
                  .put("object", "list")
                  .put("created", created)
                  .put("model", model)
                  .put("data", data)
                  .put("usage", Texts.usage(all.length)));
        });
  }

  /** {@code /v1/audio/transcriptions}: so many words as the file has kilobytes. */
  static SimRoute.Reading.Read transcription(JsonObject form, long seed) {
    int bytes = OpenAiRequests.count(form, "file", -1);
    if (bytes < 0) {
      throw Refusal.badRequest("file is missing", "file");
    }
    int words = Math.max(3, Math.min(200, bytes / 1024));
    return new SimRoute.Reading.Read(
        OpenAiRequests.text(form, "model"),
        new int[] {bytes},
        (model, id, created) -> {
          String text = SimWords.text(seed, words);
          return "text".equals(form.getValue("response_format"))
              ? Reply.text(200, text)
              : Reply.json(
                  new JsonObject()
                      .put("text", text)
                      .put(
                          "usage", new JsonObject().put("type", "duration").put("seconds", words)));
        });
  }
}
