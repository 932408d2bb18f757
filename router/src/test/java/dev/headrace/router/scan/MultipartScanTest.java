package dev.headrace.router.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The model of an audio request is found and replaced; not a byte of the audio changes. */
class MultipartScanTest {
  private static final String TYPE = "multipart/form-data; boundary=\"xx\"";

  private static byte[] body(String model, byte[] audio) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ("--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
                + "Content-Type: audio/wav\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    out.writeBytes(audio);
    out.writeBytes(
        ("\r\n--xx\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n"
                + model
                + "\r\n--xx\r\nContent-Disposition: form-data; name=stream\r\n\r\ntrue\r\n--xx--\r\n")
            .getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  /** Bytes that look like a boundary, but do not stand at the beginning of a line. */
  private static final byte[] AUDIO =
      "RIFF\u0000--xx\r\r\n-xx\n--xx--name=\"model\"".getBytes(StandardCharsets.ISO_8859_1);

  @Test
  void modelAndStreamAreFoundBehindTheFile() throws Exception {
    ScannedRequest found = Scanned.multipart(body("whisper", AUDIO), TYPE);
    assertThat(found.model()).isEqualTo("whisper");
    assertThat(found.stream()).isTrue();
  }

  @Test
  void aSpliceChangesTheNameAndNothingElse() throws Exception {
    byte[] before = body("whisper", AUDIO);
    byte[] after =
        Scanned.spliced(before, Scanned.multipart(before, TYPE), "org/whisper-large", true);
    assertThat(after).isEqualTo(body("org/whisper-large", AUDIO));
  }

  @Test
  void twoModelsAreRefused() {
    String twice =
        "--xx\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\na\r\n"
            + "--xx\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nb\r\n--xx--";
    assertThatThrownBy(() -> Scanned.multipart(twice.getBytes(StandardCharsets.UTF_8), TYPE))
        .isInstanceOf(BodyRefused.class);
  }

  @Test
  void aBodyWithoutItsBoundaryIsRefused() {
    assertThatThrownBy(() -> Scanned.multipart(new byte[] {1, 2}, TYPE))
        .isInstanceOf(BodyRefused.class);
    assertThatThrownBy(() -> Scanned.multipart(new byte[0], "multipart/form-data"))
        .isInstanceOf(BodyRefused.class);
  }
}
