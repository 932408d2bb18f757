package dev.headrace.worker.engine;

import dev.headrace.worker.Engine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The engines that Headrace knows, by id. Any thread. */
public final class Engines {

  static final Engine VLLM = new VllmEngine();
  static final Engine TGI = new TgiEngine();
  static final Engine LLAMACPP = new LlamaCppEngine();
  static final Engine SGLANG = new SglangEngine();
  static final Engine TRTLLM = new TrtllmEngine();
  static final Engine OPENAI = new OpenAiEngine();

  private static final Map<String, Engine> BY_ID = new LinkedHashMap<>();

  static {
    for (Engine engine : List.of(VLLM, TGI, LLAMACPP, SGLANG, TRTLLM, OPENAI)) {
      BY_ID.put(engine.id(), engine);
    }
  }

  private Engines() {}

  /** The engine with exactly this id, or null. */
  public static @Nullable Engine byId(String id) {
    return BY_ID.get(id);
  }

  /** All engines; the last takes anything that is compatible. */
  public static List<Engine> all() {
    return List.copyOf(BY_ID.values());
  }

  public static List<String> ids() {
    return List.copyOf(BY_ID.keySet());
  }
}
