package dev.headrace.router.balance;

import dev.headrace.router.scan.TextFeature;
import java.util.Arrays;

/**
 * Learns what each {@link TextFeature} costs in tokens, online: weighted least squares with
 * forgetting, drawn to a prior, no coefficient below zero. Guarded by its owner.
 *
 * <pre>
 * minimise  Σ λ^age · w · (y − x·θ)² / ((e·s)² + 1)  +  Σ ((θ − p) / d)²      θ ≥ 0
 * </pre>
 *
 * <p>x: amounts of the features, y: tokens, θ: tokens per feature, s: size of the prompt in tokens,
 * e = {@value #NOISE}: what is left of the relative error at best, 1: rounding; p, d: prior and its
 * deviation; λ = {@value #KEEP}; w: trust in the observation, up to 1. The prior is not forgotten,
 * so a feature that a model's prompts never show keeps a sane cost. Each observation adds its outer
 * product to the normal equations and runs up to {@value #SWEEPS} sweeps of coordinate descent from
 * the last solution; with bounds on single coordinates and a positive definite matrix that
 * converges to the minimum (Hildreth, A quadratic programming procedure, 1957). No matrix is
 * inverted, so nothing can blow up with age. A few microseconds per observation.
 */
final class TokenFit {
  private static final int SIZE = TextFeature.values().length;
  private static final double NOISE = 0.04;
  private static final double KEEP = 0.98;
  private static final int SWEEPS = 8;

  /** Below it another sweep would change nothing that matters. */
  private static final double CONVERGED = 1e-3;

  private static final double[] PRIOR = new double[SIZE];
  private static final double[] PRECISION = new double[SIZE];

  static {
    for (TextFeature feature : TextFeature.values()) {
      PRIOR[feature.index()] = feature.usualTokens();
      PRECISION[feature.index()] = 1 / (feature.deviation() * feature.deviation());
    }
  }

  private final double[][] products = new double[SIZE][SIZE];
  private final double[] targets = new double[SIZE];
  private final double[] theta = PRIOR.clone();

  /** What a feature costs before anything is known. */
  static double[] prior() {
    return PRIOR.clone();
  }

  /**
   * Takes one observation.
   *
   * @param x amounts by {@link TextFeature#index}
   * @param y tokens, above 0
   * @param size tokens as counted or as expected, whichever is more: a prompt that was cut shall
   *     not weigh as if it were small
   * @param trust above 0, up to 1
   */
  void observe(double[] x, double y, double size, double trust) {
    double weight = trust / (NOISE * NOISE * size * size + 1);
    for (int i = 0; i < SIZE; i++) {
      double[] row = products[i];
      double own = weight * x[i];
      for (int j = 0; j < SIZE; j++) {
        row[j] = KEEP * row[j] + own * x[j];
      }
      targets[i] = KEEP * targets[i] + own * y;
    }
    for (int sweep = 0; sweep < SWEEPS && sweep() > CONVERGED; sweep++) {
      // The work is in the condition.
    }
    for (double coefficient : theta) {
      if (!Double.isFinite(coefficient)) {
        reset();
        return;
      }
    }
  }

  /** Solves for each coefficient in turn; returns the largest change [tokens]. */
  private double sweep() {
    double largest = 0;
    for (int i = 0; i < SIZE; i++) {
      double[] row = products[i];
      double pull = targets[i] + PRECISION[i] * PRIOR[i];
      for (int j = 0; j < SIZE; j++) {
        pull -= row[j] * theta[j];
      }
      pull += row[i] * theta[i];
      double solved = Math.max(0, pull / (row[i] + PRECISION[i]));
      largest = Math.max(largest, Math.abs(solved - theta[i]));
      theta[i] = solved;
    }
    return largest;
  }

  /** A copy of what was learned, by {@link TextFeature#index}. */
  double[] coefficients() {
    return theta.clone();
  }

  private void reset() {
    for (double[] row : products) {
      Arrays.fill(row, 0);
    }
    Arrays.fill(targets, 0);
    System.arraycopy(PRIOR, 0, theta, 0, SIZE);
  }
}
