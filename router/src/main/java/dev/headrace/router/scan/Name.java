package dev.headrace.router.scan;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a name in a request means: a field of the request, or one inside its prompt. Each name has
 * one meaning only, whichever object it stands in. Found without a string for it.
 */
enum Name {
  /** Any that says nothing to the router. */
  OTHER(""),
  MODEL("model"),
  STREAM("stream"),
  STREAM_OPTIONS("stream_options"),
  INCLUDE_USAGE("include_usage"),
  LIMIT("max_tokens max_completion_tokens max_output_tokens"),
  /** TGI's native form has it inside {@link #PARAMETERS}. */
  NEW_LIMIT("max_new_tokens"),
  PARAMETERS("parameters"),
  CHOICES("n"),
  USER("user"),
  PRIORITY("priority"),
  TOOLS("tools functions"),
  PROMPT("messages prompt input inputs documents texts content"),
  /** Prompt by its cost, but not the part that the endpoint's own field holds. */
  INSTRUCTIONS("system instructions"),
  TYPE("type"),
  /** Its strings are no text: names of kinds, references, and media in base64. */
  REFERENCE(
      "role id call_id tool_call_id tool_use_id item_id status url data media_type format detail"
          + " file_id file_data filename signature encrypted_content"),
  /** A reference and at the same time a type of content that costs tokens without being text. */
  MEDIUM_REFERENCE("image image_url audio audio_url video_url"),
  /** Types of such content that no reference is called by. */
  MEDIUM("input_image input_audio video input_video file input_file document");

  /** Characters of the longest that has a meaning. */
  static final int LONGEST;

  /** A power of two, some times the number of names. */
  private static final int SLOTS = 256;

  private static final byte[][] SPELLED = new byte[SLOTS][];
  private static final Name[] MEANT = new Name[SLOTS];

  static {
    int longest = 0;
    for (Name name : values()) {
      for (String spelling : name.spellings.split(" ", -1)) {
        byte[] spelled = spelling.getBytes(StandardCharsets.US_ASCII);
        int slot = slot(spelled, spelled.length);
        while (SPELLED[slot] != null) {
          slot = (slot + 1) % SLOTS;
        }
        SPELLED[slot] = spelled;
        MEANT[slot] = name;
        longest = Math.max(longest, spelled.length);
      }
    }
    LONGEST = longest;
  }

  private final String spellings;

  Name(String spellings) {
    this.spellings = spellings;
  }

  /** The meaning of the name that is the first {@code size} of these letters. */
  static Name of(byte[] letters, int size) {
    int slot = slot(letters, size);
    while (SPELLED[slot] != null) {
      if (Arrays.equals(SPELLED[slot], 0, SPELLED[slot].length, letters, 0, size)) {
        return MEANT[slot];
      }
      slot = (slot + 1) % SLOTS;
    }
    return OTHER;
  }

  private static int slot(byte[] letters, int size) {
    int mixed = size == 0 ? 0 : 37 * letters[0] + 11 * letters[size / 2] + 5 * letters[size - 1];
    return (mixed + size) & (SLOTS - 1);
  }

  /** False when the strings that it names are not shown to the model. */
  boolean text() {
    return this != TYPE && this != REFERENCE && this != MEDIUM_REFERENCE;
  }

  /** True when a content of this type is an image, a sound or a file. */
  boolean medium() {
    return this == MEDIUM || this == MEDIUM_REFERENCE;
  }
}
