package dev.headrace.loadtest.perf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * CPU time of a process and its children, user and system, from {@code /proc/PID/stat}. Linux
 * counts it exactly and shows it in ticks of 10 ms.
 */
final class ProcessCpu {
  /** USER_HZ, which is 100 on every Linux that Java runs on. */
  private static final double TICKS_PER_SECOND = 100;

  private static final int UTIME = 11;
  private static final int STIME = 12;

  private ProcessCpu() {}

  /** Seconds of CPU that the process and those below it have used so far. */
  static double seconds(ProcessHandle process) {
    return Stream.concat(Stream.of(process), process.descendants())
        .mapToDouble(ProcessCpu::one)
        .sum();
  }

  /** Seconds of CPU that the whole machine has spent on work so far, over all cores. */
  static double machineSeconds() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
      String[] fields = lines.findFirst().orElseThrow().trim().split("\\s+", -1);
      // user, nice, system, irq, softirq; idle and iowait are not work.
      double ticks = 0;
      for (int field : new int[] {1, 2, 3, 6, 7}) {
        ticks += Double.parseDouble(fields[field]);
      }
      return ticks / TICKS_PER_SECOND;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double one(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      // The name may hold blanks and brackets: fields count from behind its last bracket.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return (Double.parseDouble(fields[UTIME]) + Double.parseDouble(fields[STIME]))
          / TICKS_PER_SECOND;
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
