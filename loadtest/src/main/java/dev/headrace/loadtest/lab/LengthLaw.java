package dev.headrace.loadtest.lab;

import java.util.random.RandomGenerator;

/**
 * A law of token counts, given as an inverse cumulative distribution with 27 knots and linear
 * interpolation between them. The tables summarise public traces: Azure LLM inference traces 2023
 * (CC-BY 4.0) and Mooncake (Apache-2.0).
 */
enum LengthLaw {
  AZURE_CODE_IN(
      3, 17, 44, 75, 147, 232, 385, 578, 770, 938, 1075, 1261, 1469, 1690, 1909, 2164, 2433, 2745,
      3193, 3923, 5194, 7315, 7435, 7436, 7436, 7437, 7437),
  AZURE_CODE_OUT(
      6, 6, 6, 6, 7, 7, 8, 9, 9, 10, 11, 12, 13, 14, 16, 18, 20, 24, 29, 39, 55, 90, 145, 252, 361,
      831, 1899),
  AZURE_CONVERSATION_IN(
      2, 29, 120, 181, 207, 372, 387, 396, 403, 414, 703, 984, 1020, 1045, 1071, 1097, 1130, 1189,
      1315, 1877, 2735, 4083, 4092, 4142, 4831, 6212, 14050),
  AZURE_CONVERSATION_OUT(
      7, 16, 28, 41, 54, 67, 77, 85, 91, 96, 103, 113, 129, 151, 177, 217, 384, 395, 400, 411, 424,
      451, 522, 601, 644, 954, 1000),
  MOONCAKE_CONVERSATION_IN(
      891, 894, 896, 901, 964, 1261, 1662, 2306, 3263, 4250, 4993, 5870, 6909, 8187, 9570, 11239,
      13196, 15368, 17869, 21467, 27367, 39552, 59009, 85401, 100886, 121301, 126195),
  MOONCAKE_CONVERSATION_OUT(
      1, 3, 3, 10, 24, 46, 100, 156, 213, 256, 291, 322, 350, 375, 399, 423, 447, 472, 504, 543,
      597, 698, 836, 1120, 1570, 2000, 2000);

  private static final double[] LEVELS = {
    0, .01, .025, .05, .10, .15, .20, .25, .30, .35, .40, .45, .50, .55, .60, .65, .70, .75, .80,
    .85, .90, .95, .975, .99, .995, .999, 1
  };

  @SuppressWarnings("ImmutableEnumChecker") // never written after construction, never handed out
  private final int[] knots;

  LengthLaw(int... knots) {
    this.knots = knots;
  }

  /** Draws a length in tokens, at least 1. */
  int draw(RandomGenerator random) {
    double u = random.nextDouble();
    int high = 1;
    while (u > LEVELS[high]) {
      high++;
    }
    double share = (u - LEVELS[high - 1]) / (LEVELS[high] - LEVELS[high - 1]);
    return Math.max(1, (int) (knots[high - 1] + share * (knots[high] - knots[high - 1])));
  }
}
