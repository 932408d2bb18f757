package dev.headrace.worker.sim;

/** How long an answer becomes, and of what. Pure; any thread. */
final class Lengths {
  private Lengths() {}

  /**
   * The answer to a request.
   *
   * @param id a hexadecimal number that no other answer of this worker has
   * @param created Unix time in seconds
   * @param model the name to tell
   */
  static Answer answer(SimOptions options, Ask ask, String id, long created, String model) {
    long textSeed = options.seed();
    for (int token : ask.prompt()) {
      textSeed = CostModel.mix(textSeed ^ token);
    }
    int room = Math.max(1, options.contextTokens() - ask.prompt().length);
    int most = ask.maxTokens() < 0 ? room : Math.min(ask.maxTokens(), room);
    int natural = natural(options, ask, textSeed);
    int length = Math.min(natural, most);
    StopStrings.Match stop =
        ask.tool() == null
            ? StopStrings.find(textSeed, ask.minTokens(), length, StopStrings.of(ask.body()))
            : null;
    if (stop != null) {
      int before = Math.max(1, stop.tokens());
      return new Answer(ask, id, created, model, before, true, stop.matched(), textSeed);
    }
    return new Answer(ask, id, created, model, length, natural <= most, null, textSeed);
  }

  private static int natural(SimOptions options, Ask ask, long textSeed) {
    ToolCall tool = ask.tool();
    if (tool != null) {
      return tool.fragments().size();
    }
    if (ask.ignoreEos()) {
      return Integer.MAX_VALUE;
    }
    double unit = (CostModel.mix(textSeed) >>> 11) * 0x1p-53;
    double length = options.outputTokens() * (1 + options.outputSpread() * (2 * unit - 1));
    return Math.max(Math.max(1, ask.minTokens()), (int) Math.round(length));
  }
}
