package dev.headrace.app.command;

import dev.headrace.app.CommandFailure;
import dev.headrace.app.ExitCode;
import dev.headrace.app.StopSignals;
import dev.headrace.worker.agent.AgentOptions;
import dev.headrace.worker.agent.ConsulRegistration;
import dev.headrace.worker.agent.Registration;
import dev.headrace.worker.agent.RouterRegistration;
import dev.headrace.worker.agent.WorkerAgent;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code headrace worker}: the agent beside one engine. Runs until it is asked to end, then drains.
 */
@Command(
    name = "worker",
    description =
        "Register the engine beside this program where routers look, and keep that true: it is"
            + " passing only while the engine answers, and drained before it stops.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "SIGTERM drains: no new request, running ones finish, then the worker is deregistered and the"
          + " exit code is 0. A second SIGTERM ends at once.",
      "",
      "Examples:",
      "  headrace worker --url http://127.0.0.1:8080 --consul 127.0.0.1:8500",
      "  headrace worker --url http://127.0.0.1:8080 --router http://127.0.0.1:8089 \\",
      "    --exec \"llama-server -m model.gguf --port 8080 --metrics\""
    })
public final class WorkerCommand implements Callable<Integer> {
  @Mixin private WorkerOptions options = new WorkerOptions();
  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public WorkerCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    AgentOptions agentOptions = options.agent(spec);
    WorkerOptions.Target target = options.target(spec);
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
    try {
      return run(vertx, agentOptions, target);
    } finally {
      CountDownLatch closed = new CountDownLatch(1);
      vertx.close().onComplete(result -> closed.countDown());
      closed.await();
    }
  }

  private int run(Vertx vertx, AgentOptions agentOptions, WorkerOptions.Target target)
      throws InterruptedException {
    WorkerAgent agent =
        new WorkerAgent(
            vertx,
            agentOptions,
            registration(vertx, target),
            this::say,
            line -> say("engine | " + line));
    StopSignals.on(agent::drain, agent::kill);
    // An exit that nobody asked for must not leave the engine behind.
    Runtime.getRuntime().addShutdownHook(new Thread(agent::kill, "end-engine"));
    CountDownLatch over = new CountDownLatch(1);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    agent.stopped().onComplete(result -> over.countDown());
    agent
        .start()
        .onFailure(
            cause -> {
              failure.set(cause);
              over.countDown();
            });
    over.await();
    Throwable cause = failure.get();
    if (cause != null) {
      throw new CommandFailure(
          ExitCode.FAILED, "cannot start the engine: " + cause.getMessage() + "; see --exec");
    }
    return ExitCode.OK;
  }

  private static Registration registration(Vertx vertx, WorkerOptions.Target target) {
    return target.consul()
        ? new ConsulRegistration(
            vertx, target.address(), target.token(), target.service(), target.ttl())
        : new RouterRegistration(vertx, target.address(), target.token());
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
