package dev.headrace.app.real;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * The GGUF v3 container: magic, version, two counts, key/value pairs, tensor descriptions, then the
 * tensors' float32 data, each on a boundary of 32 bytes. All numbers are little-endian; a text is
 * its length in 8 bytes and its UTF-8. Confined to one thread; {@link #write} ends its life.
 */
final class GgufWriter {
  private static final int ALIGNMENT = 32;
  private static final int TYPE_UINT32 = 4;
  private static final int TYPE_INT32 = 5;
  private static final int TYPE_FLOAT32 = 6;
  private static final int TYPE_BOOL = 7;
  private static final int TYPE_TEXT = 8;
  private static final int TYPE_ARRAY = 9;
  private static final int TENSOR_FLOAT32 = 0;

  private record Tensor(String name, int[] dimensions, IntToDoubleFunction value) {
    int elements() {
      int product = 1;
      for (int dimension : dimensions) {
        product = Math.multiplyExact(product, dimension);
      }
      return product;
    }
  }

  private final ByteArrayOutputStream pairs = new ByteArrayOutputStream();
  private final List<Tensor> tensors = new ArrayList<>();
  private long pairCount;

  GgufWriter text(String key, String value) {
    key(key, TYPE_TEXT);
    putText(pairs, value);
    return this;
  }

  GgufWriter number(String key, int value) {
    key(key, TYPE_UINT32);
    putInt(pairs, value);
    return this;
  }

  GgufWriter real(String key, float value) {
    key(key, TYPE_FLOAT32);
    putInt(pairs, Float.floatToRawIntBits(value));
    return this;
  }

  GgufWriter flag(String key, boolean value) {
    key(key, TYPE_BOOL);
    pairs.write(value ? 1 : 0);
    return this;
  }

  GgufWriter texts(String key, List<String> values) {
    array(key, TYPE_TEXT, values.size());
    values.forEach(value -> putText(pairs, value));
    return this;
  }

  GgufWriter numbers(String key, List<Integer> values) {
    array(key, TYPE_INT32, values.size());
    values.forEach(value -> putInt(pairs, value));
    return this;
  }

  GgufWriter reals(String key, List<Float> values) {
    array(key, TYPE_FLOAT32, values.size());
    values.forEach(value -> putInt(pairs, Float.floatToRawIntBits(value)));
    return this;
  }

  /**
   * Adds a tensor. The first dimension is the one whose elements lie side by side.
   *
   * @param value gives the element at a position; asked once each, in rising order
   */
  GgufWriter tensor(String name, int[] dimensions, IntToDoubleFunction value) {
    tensors.add(new Tensor(name, dimensions.clone(), value));
    return this;
  }

  void write(Path file) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    putInt(head, 3);
    putLong(head, tensors.size());
    putLong(head, pairCount);
    head.writeBytes(pairs.toByteArray());
    long offset = 0;
    for (Tensor tensor : tensors) {
      putText(head, tensor.name());
      putInt(head, tensor.dimensions().length);
      for (int dimension : tensor.dimensions()) {
        putLong(head, dimension);
      }
      putInt(head, TENSOR_FLOAT32);
      putLong(head, offset);
      offset += aligned(4L * tensor.elements());
    }
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream out = new BufferedOutputStream(raw, 1 << 16)) {
      out.write(head.toByteArray());
      pad(out, head.size());
      for (Tensor tensor : tensors) {
        writeData(out, tensor);
      }
    }
  }

  private static void writeData(OutputStream out, Tensor tensor) throws IOException {
    int elements = tensor.elements();
    ByteBuffer block = ByteBuffer.allocate(4 * 4096).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < elements; at++) {
      block.putFloat((float) tensor.value().applyAsDouble(at));
      if (!block.hasRemaining() || at == elements - 1) {
        out.write(block.array(), 0, block.position());
        block.clear();
      }
    }
    pad(out, 4L * elements);
  }

  private void key(String key, int type) {
    pairCount++;
    putText(pairs, key);
    putInt(pairs, type);
  }

  private void array(String key, int elementType, int size) {
    key(key, TYPE_ARRAY);
    putInt(pairs, elementType);
    putLong(pairs, size);
  }

  private static long aligned(long length) {
    return (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static void pad(OutputStream out, long written) throws IOException {
    out.write(new byte[(int) (aligned(written) - written)]);
  }

  private static void putText(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    putLong(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void putInt(ByteArrayOutputStream out, int value) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  private static void putLong(ByteArrayOutputStream out, long value) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }
}
