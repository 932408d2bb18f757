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

  private static String part(String head, String content) {
    return "--xx\r\n" + head + "\r\n\r\n" + content + "\r\n";
  }

  private static ScannedRequest scan(String body) throws BodyRefused {
    return Scanned.multipart(body.getBytes(StandardCharsets.UTF_8), TYPE);
  }

  @Test
  void theNameOfAPartIsNotReadOutOfItsFileName() throws Exception {
    for (String file :
        new String[] {
          "form-data; filename=\"x; name=model\"; name=\"file\"",
          "form-data; name=\"file\"; filename=\"x; name=model\"",
          "form-data; filename=\"a\\\"; name=model; x=\\\"\"; name=file",
          "form-data; filename*=utf-8''name=model; name=\"file\"",
          "form-data; filename=\"name=model\"",
          "form-data; xname=model; name=\"file\"",
          "form-data name=model",
          "name=model",
        }) {
      String body =
          part("Content-Disposition: " + file, "evil")
              + part("content-disposition:form-data;NAME=model", "good")
              + "--xx--";
      assertThat(scan(body).model()).as(file).isEqualTo("good");
    }
  }

  @Test
  void aPartWithTwoNamesIsRefused() {
    for (String head :
        new String[] {
          "Content-Disposition: form-data; name=a; name=model",
          "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=model"
        }) {
      assertThatThrownBy(() -> scan(part(head, "m") + "--xx--"))
          .as(head)
          .isInstanceOf(BodyRefused.class)
          .hasMessageMatching(".*(two names|twice).*");
    }
  }

  @Test
  void whatOnlyBeginsLikeTheBoundaryIsContent() throws Exception {
    String model = "Content-Disposition: form-data; name=model";
    for (String content :
        new String[] {
          "a\r\n--xxy\r\nb", "a\r\n--xx-\r\n", "a\r\n--xx\n", "\r\n--xx \t-", "--xx\r", "\r\r\n--x"
        }) {
      String body = part(model, content) + "--xx--";
      ScannedRequest found = scan(body);
      assertThat(found.model()).as(content).isEqualTo(content.trim());
      assertThat(Scanned.text(body, found.modelAt())).isEqualTo(content);
    }
  }

  @Test
  void blanksMayStandBehindABoundaryAndAnythingBeforeTheFirst() throws Exception {
    String body =
        "a --xx\r\nb\r\n--xx \t\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--xx--\r\n--xx\r\n";
    assertThat(scan(body).model()).isEqualTo("m");
  }

  @Test
  void anEmptyFieldNamesNoModelAndALongOneIsRefused() throws Exception {
    String model = "Content-Disposition: form-data; name=model";
    assertThat(scan(part(model, "") + "--xx--").model()).isNull();
    assertThat(scan("--xx\r\n" + model + "\r\n\r\n--xx--").modelAt().length()).isZero();
    assertThat(scan(part(model, "m".repeat(1024)) + "--xx--").model()).hasSize(1024);
    assertThatThrownBy(() -> scan(part(model, "m".repeat(1025)) + "--xx--"))
        .isInstanceOf(BodyRefused.class);
    scan(part("X: " + "y".repeat(8185), "") + "--xx--");
    assertThatThrownBy(() -> scan(part("X: " + "y".repeat(8186), "") + "--xx--"))
        .isInstanceOf(BodyRefused.class);
  }

  @Test
  void theBoundaryIsReadAsAParameter() throws Exception {
    byte[] body =
        (part("Content-Disposition: form-data; name=model", "m") + "--xx--")
            .getBytes(StandardCharsets.UTF_8);
    for (String type :
        new String[] {
          "multipart/form-data; boundary=xx",
          "multipart/form-data;charset=utf-8;\tBoundary=\"xx\" ; a=b",
          "multipart/form-data; a=\"; boundary=yy\"; boundary=xx"
        }) {
      assertThat(Scanned.multipart(body, type).model()).as(type).isEqualTo("m");
    }
    for (String type :
        new String[] {
          "multipart/form-data",
          "multipart/form-data; boundary=",
          "multipart/form-data; boundary=\"\"",
          "multipart/form-data; boundary=xx; boundary=yy",
          "multipart/form-data; boundary=" + "x".repeat(71)
        }) {
      assertThatThrownBy(() -> Scanned.multipart(body, type)).isInstanceOf(BodyRefused.class);
    }
  }
}
