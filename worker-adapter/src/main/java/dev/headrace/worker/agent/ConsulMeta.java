package dev.headrace.worker.agent;

import dev.headrace.worker.ServedModel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes an announcement as the meta of a Consul service instance. A value holds 512 bytes at most
 * and an instance 64 keys: model names go into {@code models}, then {@code models-2}, {@code
 * models-3} …, each name whole. Pure.
 */
final class ConsulMeta {
  private static final int VALUE_BYTES = 512;
  private static final int MODEL_KEYS = 48;

  /**
   * @param leftOut names of models that cannot be written
   */
  record Written(Map<String, String> meta, List<String> leftOut) {
    Written {
      meta = Map.copyOf(meta);
      leftOut = List.copyOf(leftOut);
    }
  }

  private ConsulMeta() {}

  static Written of(Announcement announcement) {
    Map<String, String> meta = new LinkedHashMap<>();
    announcement.meta().forEach(meta::put);
    meta.put("engine", announcement.engine());
    if (announcement.version() != null) {
      meta.put("version", cut(announcement.version()));
    }
    if (announcement.address().tls()) {
      meta.put("scheme", "https");
    }
    if (!announcement.address().basePath().isEmpty()) {
      meta.put("path", announcement.address().basePath());
    }
    if (announcement.weight() != 1) {
      meta.put("weight", Double.toString(announcement.weight()));
    }
    if (announcement.maxConcurrency() != null) {
      meta.put("max-concurrency", announcement.maxConcurrency().toString());
    }
    List<String> leftOut = new ArrayList<>();
    List<String> values = modelValues(announcement.models(), leftOut);
    for (int i = 0; i < values.size(); i++) {
      meta.put(i == 0 ? "models" : "models-" + (i + 1), values.get(i));
    }
    return new Written(meta, leftOut);
  }

  private static List<String> modelValues(List<ServedModel> models, List<String> leftOut) {
    List<String> values = new ArrayList<>();
    StringBuilder value = new StringBuilder();
    int bytes = 0;
    for (ServedModel model : models) {
      String name = model.id();
      int length = name.getBytes(StandardCharsets.UTF_8).length;
      if (name.isBlank() || name.indexOf(',') >= 0 || length > VALUE_BYTES) {
        leftOut.add(name);
        continue;
      }
      if (bytes > 0 && bytes + 1 + length > VALUE_BYTES) {
        values.add(value.toString());
        value.setLength(0);
        bytes = 0;
      }
      if (values.size() == MODEL_KEYS) {
        leftOut.add(name);
        continue;
      }
      if (bytes > 0) {
        value.append(',');
        bytes++;
      }
      value.append(name);
      bytes += length;
    }
    if (bytes > 0) {
      values.add(value.toString());
    }
    return values;
  }

  private static String cut(String text) {
    return text.length() <= 100 ? text : text.substring(0, 100);
  }
}
