package dev.headrace.loadtest.lab;

import dev.headrace.router.balance.Affinity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Conversations that share one root block and grow from turn to turn, by the laws of the Mooncake
 * conversation trace (Apache-2.0): 69 % have one turn, the mean is 1.63, none has more than 43; a
 * turn follows the one before after a lognormal time with a median of 123 s (σ 0.95); the first
 * prompt has a length of the trace's, and each turn adds a lognormal number of tokens with a median
 * of 454. The trace tells no spread of the growth; σ 1 is assumed. Sessions begin as a Poisson
 * process.
 */
final class SessionWorkload {
  /** Tokens of a block, which are those of the engines' caches, too. */
  static final int BLOCK_TOKENS = 512;

  /** Mean turns of a session. */
  static final double MEAN_TURNS = 1.63;

  private static final double SINGLE = 0.69;
  private static final int MOST_TURNS = 43;

  /** Turns after the first, where there are any, are geometric with this mean. */
  private static final double MEAN_FURTHER = (MEAN_TURNS - 1) / (1 - SINGLE);

  private static final double BYTES_PER_TOKEN = 4.4;
  private static final double BYTES_SIGMA = 0.15;
  private static final int MOST_TOKENS = 128_000;

  private SessionWorkload() {}

  private record Turn(double time, int session, int turn) {}

  /** One session: its blocks are numbers that no other session has, but for the root. */
  private static final class Session {
    final long affinity;
    final double bytesPerToken;
    final List<Integer> tokens = new ArrayList<>();

    Session(int id, double bytesPerToken) {
      this.affinity = Affinity.of("session " + id);
      this.bytesPerToken = bytesPerToken;
    }

    /** Whole blocks of a turn's prompt; those of an earlier turn are their beginning. */
    long[] blocks(int turn) {
      long[] chain = new long[tokens.get(turn) / BLOCK_TOKENS];
      for (int i = 0; i < chain.length; i++) {
        chain[i] = i == 0 ? 1 : affinity + 0x9e3779b97f4a7c15L * i;
      }
      return chain;
    }
  }

  /**
   * Requests in the order of their arrival.
   *
   * @param rate requests per second in the long run
   */
  static List<LabRequest> draw(int count, double rate, long seed) {
    SplittableRandom root = new SplittableRandom(seed);
    SplittableRandom begins = root.split();
    SplittableRandom lengths = root.split();
    SplittableRandom turns = root.split();
    SplittableRandom thinks = root.split();
    SplittableRandom growths = root.split();
    SplittableRandom outputs = root.split();
    SplittableRandom texts = root.split();
    List<Session> sessions = new ArrayList<>();
    List<Turn> drawn = new ArrayList<>();
    double begin = 0;
    // More than are asked for: the last sessions' later turns would be missing otherwise.
    while (drawn.size() < count + count / 4) {
      begin += -Math.log(1 - begins.nextDouble()) * MEAN_TURNS / rate;
      int id = sessions.size();
      Session session =
          new Session(id, BYTES_PER_TOKEN * Math.exp(BYTES_SIGMA * texts.nextGaussian()));
      sessions.add(session);
      int length = LengthLaw.MOONCAKE_CONVERSATION_IN.draw(lengths);
      int many = turns(turns);
      double time = begin;
      for (int turn = 0; turn < many; turn++) {
        session.tokens.add(Math.min(MOST_TOKENS, length));
        drawn.add(new Turn(time, id, turn));
        time += 123 * Math.exp(0.95 * thinks.nextGaussian());
        length += Math.max(1, (int) (454 * Math.exp(growths.nextGaussian())));
      }
    }
    drawn.sort(Comparator.comparingDouble(Turn::time));
    List<LabRequest> requests = new ArrayList<>(count);
    for (Turn turn : drawn.subList(0, count)) {
      Session session = sessions.get(turn.session());
      int tokens = session.tokens.get(turn.turn());
      requests.add(
          new LabRequest(
              requests.size(),
              turn.time(),
              tokens,
              LengthLaw.MOONCAKE_CONVERSATION_OUT.draw(outputs),
              Math.max(1, (int) (tokens * session.bytesPerToken)),
              session.blocks(turn.turn()),
              session.affinity));
    }
    return requests;
  }

  private static int turns(SplittableRandom random) {
    if (random.nextDouble() < SINGLE) {
      return 1;
    }
    double further = Math.ceil(Math.log(1 - random.nextDouble()) / Math.log(1 - 1 / MEAN_FURTHER));
    return (int) Math.min(MOST_TURNS, 1 + Math.max(1, further));
  }
}
