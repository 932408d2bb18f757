package dev.headrace.loadtest.perf;

import dev.headrace.worker.AllowForbidden;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What one request and one streamed token cost in CPU time of the proxy: Headrace beside nginx and
 * HAProxy, in one run. All proxies run at once, pinned to one core, and are loaded in turns; the
 * load and the mock worker share the other core. Only the CPU time of the proxy's own process
 * counts, so what else the machine does disturbs less than in a race for throughput. Started by
 * {@code loadtest/perf/proxy-cost}.
 */
public final class ProxyCost {
  private static final int READY_SECONDS = 30;

  private final ProxyCostOptions options;
  private final PrintStream out;
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Map<Proxy, PinnedProcess> processes = new EnumMap<>(Proxy.class);
  private final Map<Proxy, Integer> ports = new EnumMap<>(Proxy.class);
  private final ProxyCostReport report = new ProxyCostReport();

  private ProxyCost(ProxyCostOptions options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  @AllowForbidden("a program of its own: standard output is its console")
  public static void main(String[] args) throws IOException {
    new ProxyCost(ProxyCostOptions.parse(args), System.out).run();
  }

  private void run() throws IOException {
    Path work = Files.createTempDirectory("headrace-proxy-cost");
    long began = System.nanoTime();
    double machineBegan = ProcessCpu.machineSeconds();
    int worker = FreePort.find();
    Files.createDirectories(work.resolve("mock"));
    try (PinnedProcess mockProcess =
        PinnedProcess.start(
            "mock worker", MockWorker.command(worker), options.loadCore(), work.resolve("mock"))) {
      mockProcess.awaitPort(worker, READY_SECONDS);
      for (Proxy proxy : options.proxies()) {
        int port = FreePort.find();
        ports.put(proxy, port);
        PinnedProcess process =
            proxy.start(
                work, options.programs(), port, FreePort.find(), worker, options.proxyCore());
        processes.put(proxy, process);
        process.awaitPort(port, READY_SECONDS);
      }
      warmUp(worker);
      for (int round = 1; round <= options.rounds(); round++) {
        round(round, worker);
      }
      // The proxies and the mock worker are children of this process.
      double own = ProcessCpu.seconds(ProcessHandle.current());
      double seconds = (System.nanoTime() - began) / 1e9;
      double others = (ProcessCpu.machineSeconds() - machineBegan - own) / seconds;
      PinnedProcess ours = processes.get(Proxy.HEADRACE);
      report.write(options, seconds, Math.max(0, others), ours == null ? "" : ours.jvmFlags());
    } finally {
      processes.values().forEach(PinnedProcess::close);
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
      TemporaryFolder.delete(work);
    }
    report.lines().forEach(out::println);
  }

  /** Just-in-time compilation belongs to no request, so it is over before the first round. */
  private void warmUp(int worker) {
    measureDirect(worker);
    for (Proxy proxy : options.proxies()) {
      double seconds = proxy == Proxy.HEADRACE ? options.warmUpSeconds() : 1;
      for (Workload workload : Workload.values()) {
        measure(proxy, workload, 0, seconds);
      }
    }
  }

  private void round(int round, int worker) {
    report.addDirect(measureDirect(worker));
    List<Proxy> order = new ArrayList<>(options.proxies());
    Collections.rotate(order, -round);
    for (Workload workload : Workload.values()) {
      for (Proxy proxy : order) {
        Sample sample = measure(proxy, workload, options.leadSeconds(), options.windowSeconds());
        report.add(proxy, workload, sample);
        out.printf(
            Locale.ROOT,
            "round %d  %-9s %-42s %7.2f us  %8.0f/s  %.2f core  first token %.0f us  errors %d%n",
            round,
            proxy.title(),
            workload.unit(),
            sample.microsPerUnit(),
            sample.perSecond(),
            sample.core(),
            sample.firstTokenMicros(),
            sample.errors());
      }
    }
  }

  private Sample measure(Proxy proxy, Workload workload, double lead, double window) {
    PinnedProcess process = processes.get(proxy);
    Integer port = ports.get(proxy);
    if (process == null || port == null) {
      throw new IllegalStateException(proxy.title() + " was not started");
    }
    return measure(port, process, workload, lead, window);
  }

  private Sample measureDirect(int worker) {
    return measure(worker, null, Workload.FIRST_TOKEN, 0.3, options.windowSeconds() / 2);
  }

  private Sample measure(
      int port, @Nullable PinnedProcess process, Workload workload, double lead, double window) {
    try (LoadClient client = new LoadClient(group, workload, port)) {
      client.start();
      // The connections open within the first second.
      pause(lead + (workload.connections() > 1 ? 1 : 0));
      client.firstToken();
      long units = units(client, workload);
      double cpu = process == null ? 0 : process.cpuSeconds();
      long began = System.nanoTime();
      pause(window);
      double seconds = (System.nanoTime() - began) / 1e9;
      double used = process == null ? Double.NaN : process.cpuSeconds() - cpu;
      long done = units(client, workload) - units;
      Histogram firstToken = client.firstToken();
      return new Sample(
          used * 1e6 / Math.max(1, done),
          done / seconds,
          used / seconds,
          firstToken.getTotalCount() == 0 ? Double.NaN : firstToken.getValueAtPercentile(50) / 1e3,
          client.errors());
    }
  }

  private static long units(LoadClient client, Workload workload) {
    return workload == Workload.PACED || workload == Workload.BACK_TO_BACK
        ? client.tokens()
        : client.answers();
  }

  private static void pause(double seconds) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
