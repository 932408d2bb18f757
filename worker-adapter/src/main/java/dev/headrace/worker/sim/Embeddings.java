package dev.headrace.worker.sim;

import io.vertx.core.json.JsonArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/** Vectors made from text: the same text gives the same unit vector. Pure; any thread. */
final class Embeddings {
  static final int DIMENSIONS = 64;

  private Embeddings() {}

  /** The vector of these tokens. */
  static float[] vector(int[] tokens, int dimensions) {
    long seed = 0;
    for (int token : tokens) {
      seed = CostModel.mix(seed ^ token);
    }
    float[] vector = new float[dimensions];
    double square = 0;
    for (int i = 0; i < dimensions; i++) {
      vector[i] = (CostModel.mix(seed + i) >> 40) * 0x1p-23f;
      square += (double) vector[i] * vector[i];
    }
    float scale = (float) (1 / Math.sqrt(Math.max(square, 1e-9)));
    for (int i = 0; i < dimensions; i++) {
      vector[i] *= scale;
    }
    return vector;
  }

  static JsonArray floats(float[] vector) {
    JsonArray numbers = new JsonArray();
    for (float value : vector) {
      numbers.add(value);
    }
    return numbers;
  }

  /** Little-endian 32-bit floats in Base64, as OpenAI's SDKs ask for. */
  static String base64(float[] vector) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : vector) {
      bytes.putFloat(value);
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  /** A score from 0 to 1 for how well two texts fit. */
  static double score(int[] one, int[] other) {
    float[] a = vector(one, DIMENSIONS);
    float[] b = vector(other, DIMENSIONS);
    double product = 0;
    for (int i = 0; i < DIMENSIONS; i++) {
      product += a[i] * b[i];
    }
    return (1 + product) / 2;
  }
}
