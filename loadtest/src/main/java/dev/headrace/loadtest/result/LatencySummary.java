package dev.headrace.loadtest.result;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import org.HdrHistogram.Histogram;

/**
 * A histogram of microseconds, read in milliseconds. A percentile q is given only when at least ten
 * values lie beyond it, {@code n(1-q) >= 10}: with fewer it is an accident. Percentiles of several
 * runs must not be averaged; add the histograms instead.
 */
public final class LatencySummary {
  private static final double MICROS_PER_MILLI = 1000;
  private static final double BEYOND = 10;

  private final Histogram histogram;

  /**
   * @param histogram is not changed afterwards
   */
  public LatencySummary(Histogram histogram) {
    this.histogram = histogram;
  }

  public long count() {
    return histogram.getTotalCount();
  }

  /**
   * @param percent from 0 to 100
   * @return milliseconds, or NaN when too few values lie beyond it
   */
  public double percentile(double percent) {
    boolean enough = count() * (100 - percent) >= BEYOND * 100 - 1e-6;
    return enough ? value(percent) : Double.NaN;
  }

  /** The value at a percentile, however few there are; NaN without any. */
  public double value(double percent) {
    return count() == 0 ? Double.NaN : histogram.getValueAtPercentile(percent) / MICROS_PER_MILLI;
  }

  public double min() {
    return count() == 0 ? Double.NaN : histogram.getMinValue() / MICROS_PER_MILLI;
  }

  public double max() {
    return count() == 0 ? Double.NaN : histogram.getMaxValue() / MICROS_PER_MILLI;
  }

  public double mean() {
    return count() == 0 ? Double.NaN : histogram.getMean() / MICROS_PER_MILLI;
  }

  public double deviation() {
    return count() == 0 ? Double.NaN : histogram.getStdDeviation() / MICROS_PER_MILLI;
  }

  /** HdrHistogram's compressed encoding in base64: what adds up over runs. */
  public String encoded() {
    ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int length = histogram.encodeIntoCompressedByteBuffer(buffer);
    return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
  }
}
