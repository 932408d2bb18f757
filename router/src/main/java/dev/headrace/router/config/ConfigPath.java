package dev.headrace.router.config;

/** How the place of a setting is written: {@code fleet.static[2].url}. */
final class ConfigPath {
  private ConfigPath() {}

  /** The path of a key; a key with a dot, a bracket or a blank in it stands in quotes. */
  static String child(String parent, String key) {
    boolean plain = !key.isEmpty();
    for (int i = 0; i < key.length() && plain; i++) {
      char c = key.charAt(i);
      plain = Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '/' || c == ':';
    }
    String name = plain ? key : '"' + printable(key) + '"';
    return parent.isEmpty() ? name : parent + "." + name;
  }

  static String item(String parent, int index) {
    return parent + "[" + index + "]";
  }

  /** The text in one line of bounded length, fit for a terminal. */
  static String printable(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && i < 200; i++) {
      char c = text.charAt(i);
      out.append(Character.isISOControl(c) ? '?' : c);
    }
    return text.length() > 200 ? out.append('…').toString() : out.toString();
  }
}
