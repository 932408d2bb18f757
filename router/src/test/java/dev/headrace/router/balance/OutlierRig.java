package dev.headrace.router.balance;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A pool with a hand on its clock and an ear on what happens in it. */
final class OutlierRig implements OutlierListener {
  static final long SECOND = 1_000_000_000L;

  static final OutlierSettings SETTINGS =
      new OutlierSettings(
          3,
          4,
          5,
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofSeconds(50),
          0.5,
          Duration.ofSeconds(20));

  /** A worker of the pool. */
  static final class Member implements Candidate {
    final WorkerLedger ledger;
    final Outlier outlier;
    final ServiceRates rates;
    boolean routable = true;

    Member(WorkerLedger ledger, Outlier outlier) {
      this.ledger = ledger;
      this.outlier = outlier;
      this.rates = ledger.rates("m");
    }

    @Override
    public WorkerLedger ledger() {
      return ledger;
    }

    @Override
    public ServiceRates rates() {
      return rates;
    }

    @Override
    public double weight() {
      return outlier.share();
    }

    @Override
    public Outlier outlier() {
      return outlier;
    }

    @Override
    public boolean routable() {
      return routable;
    }
  }

  long now;
  final Outliers outliers;
  final OutlierPool pool;
  final List<Member> members = new ArrayList<>();
  final List<String> events = new ArrayList<>();
  private final Picker picker;

  OutlierRig(OutlierSettings settings, int workers, long seed) {
    outliers =
        new Outliers(settings, () -> now, () -> Instant.EPOCH.plusNanos(now), new Random(seed));
    outliers.listen(this);
    pool = outliers.of("m");
    ModelMeans means = new ModelMeans();
    for (int i = 0; i < workers; i++) {
      WorkerLedger ledger = new WorkerLedger("w" + i, Integer.MAX_VALUE, means, () -> now);
      members.add(new Member(ledger, pool.join("w" + i)));
    }
    pool.members(members);
    picker = new Picker(new Random(seed), () -> now);
  }

  Outlier of(int worker) {
    return members.get(worker).outlier;
  }

  /** A request on one worker, or null when it takes none. */
  Lease<Member> on(int worker) {
    return picker.pick(
        List.of(members.get(worker)),
        member -> member.outlier.admits(),
        new RandomPolicy(),
        Demand.TYPICAL);
  }

  void fail(int worker) {
    on(worker).close(Ending.FAILED);
  }

  void eject(int worker) {
    for (int i = 0; i < SETTINGS.failures(); i++) {
      fail(worker);
    }
  }

  void pass(double seconds) {
    now += (long) (seconds * SECOND);
  }

  @Override
  public void ejected(
      String model, String worker, Reason reason, String why, Duration time, int ejections) {
    events.add("ejected " + worker + " " + reason.label() + " " + ejections);
  }

  @Override
  public void tried(String model, String worker, Trial result) {
    events.add("tried " + worker + " " + result.label());
  }

  @Override
  public void returned(String model, String worker, String why) {
    events.add("returned " + worker);
  }

  @Override
  public void panic(String model, boolean begins, int ejected, int routable) {
    events.add((begins ? "panic " : "calm ") + ejected + "/" + routable);
  }
}
