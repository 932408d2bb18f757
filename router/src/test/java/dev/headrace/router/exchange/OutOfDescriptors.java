package dev.headrace.router.exchange;

import dev.headrace.router.kit.RouterKit;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A router in a process of its own, which can be told to use up all descriptors that the process
 * may have: {@code take}, {@code give} them back, {@code tell} what workers are blamed for. Answers
 * each word with a line.
 */
final class OutOfDescriptors {
  private OutOfDescriptors() {}

  /** Arguments: the ports of two workers. */
  public static void main(String[] args) throws Exception {
    List<FileInputStream> taken = new ArrayList<>();
    BufferedReader words =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (RouterKit kit =
        new RouterKit()
            .worker("a", "vllm", "m", Integer.parseInt(args[0]))
            .worker("b", "vllm", "m", Integer.parseInt(args[1]))
            .worker("dead", "vllm", "dead", RouterKit.nobody())
            .start()) {
      System.out.println(kit.server.port());
      String word;
      while ((word = words.readLine()) != null) {
        switch (word) {
          case "take" -> take(taken);
          case "give" -> {
            for (FileInputStream each : taken) {
              each.close();
            }
          }
          default -> {}
        }
        long charged =
            kit.workers.values().stream()
                .filter(worker -> !worker.spec().id().equals("dead"))
                .filter(worker -> worker.ledger().charge(System.nanoTime()) > 0)
                .count();
        System.out.println(word + " " + kit.signals + " charged: " + charged);
      }
    }
  }

  private static void take(List<FileInputStream> taken) {
    try {
      while (true) {
        taken.add(new FileInputStream("/dev/null"));
      }
    } catch (IOException e) {
      // There is none left.
    }
  }
}
