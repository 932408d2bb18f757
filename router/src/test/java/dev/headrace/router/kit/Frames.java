package dev.headrace.router.kit;

/** Stream frames as vLLM writes them. */
public final class Frames {
  private Frames() {}

  public static final String DONE = "data: [DONE]\n\n";
  public static final String ROLE =
      "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
          + "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
          + "\"logprobs\":null,\"finish_reason\":null}]}\n\n";
  public static final String STOP =
      "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
          + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"logprobs\":null,"
          + "\"finish_reason\":\"stop\",\"stop_reason\":null}]}\n\n";
  public static final String USAGE =
      "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
          + "\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"total_tokens\":7,"
          + "\"completion_tokens\":2}}\n\n";

  public static String token(String text) {
    return "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
        + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
        + text
        + "\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
  }

  /** A whole stream of two tokens. */
  public static ScriptedWorker.Script twoTokens() {
    return talk ->
        talk.streamHead()
            .chunk(ROLE)
            .chunk(token("Hel"))
            .chunk(token("lo"))
            .chunk(STOP)
            .chunk(USAGE)
            .chunk(DONE)
            .lastChunk();
  }

  /** A whole JSON answer. */
  public static ScriptedWorker.Script json() {
    return talk ->
        talk.json(
            200,
            "{\"id\":\"c1\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
                + "\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"},"
                + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5,"
                + "\"completion_tokens\":2,\"total_tokens\":7}}");
  }
}
