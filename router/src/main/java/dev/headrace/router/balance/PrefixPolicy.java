package dev.headrace.router.balance;

import dev.headrace.router.scan.Prefix;
import java.util.random.RandomGenerator;

/**
 * Prefix affinity: a prompt that continues a conversation goes to the worker that was given what
 * came before, and has it in its KV cache, unless that worker has more than its share of the work.
 *
 * <p>Prompts are compared block by block ({@link Prefix}, {@link PrefixTable}). Blocks that a crowd
 * of conversations has, such as a common system prompt's, do not bind: every worker will hold them
 * soon, and following them would send everybody to one. Of the rest:
 *
 * <ol>
 *   <li>the worker that holds the longest part of it goes first; among equals the least loaded;
 *   <li>where none holds any of it, the first block ranks the workers by weighted rendezvous
 *       hashing, so that several routers, and a router after a restart, agree;
 *   <li>a prompt without a block of its own goes by least load.
 * </ol>
 *
 * <p>In either ranking a worker is passed over unless it is within its bound:
 *
 * <pre>
 * work + own &lt;= max((1 + ε) · (Σ work + own) · w / Σ w,  (1 + ε) · own + saved)
 * work  = m · a + b · (Q + κ · (O + o · f)) − done + failures
 * own   = a + b · (p − c + κ · o)
 * saved = b · c
 * </pre>
 *
 * <p>All in seconds; m, a, b, Q, κ, o, f, done and failures as in {@link LeastLoadPolicy}; O:
 * output tokens still expected of what the worker has; p: the prompt's tokens, c: those that it is
 * thought to hold; ε = {@value #SLACK} (Mirrokni, Thorup, Zadimoghaddam 2016). The second bound is
 * for a fleet with little to do: a warm cache is not left for a wait that is no longer than what
 * the cache saves.
 */
public final class PrefixPolicy implements Policy {
  /** Its name in configuration. */
  public static final String NAME = "prefix";

  static final double SLACK = 0.25;

  private final PrefixTable table = new PrefixTable();
  private final Policy withoutPrefix = new LeastLoadPolicy();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int choose(Scan scan, Demand demand, RandomGenerator random, long nowNanos) {
    Prefix prefix = demand.prefix();
    if (prefix == null || prefix.size() == 0) {
      return withoutPrefix.choose(scan, demand, random, nowNanos);
    }
    PrefixHits hits = scan.prefixHits();
    table.look(prefix, scan.size(), hits);
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < scan.size(); i++) {
      Candidate candidate = scan.candidate(i);
      int held = hits.of(PrefixTable.fingerprint(candidate.ledger().identity()));
      scan.cached(i, held < 0 ? 0 : prefix.share(held) * demand.promptTokens());
      double work = work(candidate, demand, nowNanos);
      scan.work(i, work);
      sum += work;
      weights += candidate.weight();
    }
    int ownFrom = hits.ownFrom();
    int best = home(scan, demand, hits, sum, weights, random);
    if (best < 0 && ownFrom < prefix.size()) {
      best = ranked(scan, demand, prefix.hash(ownFrom), sum, weights);
    }
    return best < 0 ? withoutPrefix.choose(scan, demand, random, nowNanos) : best;
  }

  @Override
  public void chosen(Candidate worker, Demand demand) {
    Prefix prefix = demand.prefix();
    if (prefix != null && prefix.size() > 0) {
      table.note(prefix, worker.ledger().identity());
    }
  }

  /** Within its bound, the one that holds the longest own part; ties by load; or -1. */
  private static int home(
      Scan scan,
      Demand demand,
      PrefixHits hits,
      double sum,
      double weights,
      RandomGenerator random) {
    int best = -1;
    int most = hits.ownFrom() - 1;
    double least = 0;
    int ties = 0;
    for (int i = 0; i < scan.size(); i++) {
      Candidate candidate = scan.candidate(i);
      int held = hits.of(PrefixTable.fingerprint(candidate.ledger().identity()));
      if (held < hits.ownFrom() || held < most || !within(scan, i, demand, sum, weights)) {
        continue;
      }
      double load = scan.work(i) / candidate.weight();
      if (held > most || load < least) {
        best = i;
        most = held;
        least = load;
        ties = 1;
      } else if (load == least && random.nextInt(++ties) == 0) {
        best = i;
      }
    }
    return best;
  }

  /** The first in the key's ranking that is within its bound, or -1. */
  private static int ranked(Scan scan, Demand demand, long key, double sum, double weights) {
    int best = -1;
    double bestDraw = 0;
    double bestWeight = 1;
    for (int i = 0; i < scan.size(); i++) {
      Candidate candidate = scan.candidate(i);
      double draw = Affinity.draw(key, candidate.ledger().identity());
      if ((best < 0 || SessionPolicy.before(draw, candidate.weight(), bestDraw, bestWeight))
          && within(scan, i, demand, sum, weights)) {
        best = i;
        bestDraw = draw;
        bestWeight = candidate.weight();
      }
    }
    return best;
  }

  private static boolean within(Scan scan, int i, Demand demand, double sum, double weights) {
    Candidate candidate = scan.candidate(i);
    ServiceRates rates = candidate.rates();
    double cached = scan.cached(i);
    double own =
        rates.prefillIntercept()
            + rates.prefillSlope()
                * (demand.promptTokens()
                    - cached
                    + LeastLoadPolicy.DECODE_COST * demand.outputTokens());
    double share = (1 + SLACK) * (sum + own) * candidate.weight() / weights;
    double saved = rates.prefillSlope() * cached;
    return scan.work(i) + own <= Math.max(share, (1 + SLACK) * own + saved);
  }

  /** What a worker still has to do [s]. */
  private static double work(Candidate candidate, Demand demand, long nowNanos) {
    WorkerLedger ledger = candidate.ledger();
    ServiceRates rates = candidate.rates();
    double decode =
        rates.prefillSlope()
            * LeastLoadPolicy.DECODE_COST
            * (ledger.outputTokens() + demand.outputTokens() * ledger.foreign());
    double wait =
        LeastLoadPolicy.ttft(candidate, demand, nowNanos)
            - rates.prefillIntercept()
            - rates.prefillSlope() * demand.promptTokens();
    return wait + decode + ledger.charge(nowNanos);
  }
}
