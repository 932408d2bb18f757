package dev.headrace.loadtest.plan;

import java.util.SplittableRandom;

/**
 * Text of about the wanted number of tokens without a tokenizer: short common words, each one token
 * in the usual vocabularies. It begins with a word of its own per request, so that no two prompts
 * share a prefix and no prefix cache flatters the result. How many tokens the worker really counted
 * stands in the result, from its usage. Pure.
 */
final class PromptText {
  private static final String[] WORDS =
      ("the of and to in is you that it he was for on are as with his they at be this have from or"
              + " one had by word but not what all were we when your can said there use an each"
              + " which she do how their if will up other about out many then them these so some"
              + " her would make like him into time has look two more write go see number no way"
              + " could people my than first water been call who oil its now find long down day"
              + " did get come made may part over new sound take only little work know place year"
              + " live me back give most very after thing our just name good sentence man think say"
              + " great where help through much before line right too mean old any same tell boy"
              + " follow came want show also around form three small set put end does another well"
              + " large must big even such because turn here why ask went men read need land")
          .split(" ");

  private PromptText() {}

  static String of(Arrival arrival) {
    SplittableRandom random = new SplittableRandom(arrival.textSeed());
    StringBuilder text = new StringBuilder(arrival.promptTokens() * 5 + 8);
    text.append(Long.toString(random.nextLong() >>> 44, Character.MAX_RADIX));
    for (int i = 1; i < arrival.promptTokens(); i++) {
      text.append(' ').append(WORDS[random.nextInt(WORDS.length)]);
    }
    return text.toString();
  }
}
