package shop;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Whether a notice comes from the verifier: {@code Webhook-Signature: t=<seconds>,v1=<hex>}. */
@Component
public class WebhookSignature {
    private static final Pattern HEADER = Pattern.compile("t=(\\d{1,12}),v1=([0-9a-f]{64})");
    private static final long TOLERANCE = 300;

    private final SecretKeySpec secret;

    public WebhookSignature(@Value("${webhook.secret}") String secret) {
        this.secret = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    /** Holds for the bytes as they arrived, for five minutes. */
    public boolean holds(String header, byte[] body) throws GeneralSecurityException {
        var parts = HEADER.matcher(header);
        if (!parts.matches()) {
            return false;
        }
        var age = Instant.now().getEpochSecond() - Long.parseLong(parts.group(1));
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(secret);
        mac.update((parts.group(1) + ".").getBytes(StandardCharsets.UTF_8));
        var expected = mac.doFinal(body);
        return MessageDigest.isEqual(expected, HexFormat.of().parseHex(parts.group(2))) && Math.abs(age) <= TOLERANCE;
    }
}
