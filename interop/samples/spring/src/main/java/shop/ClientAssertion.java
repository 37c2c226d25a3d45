package shop;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** How the shop proves to the verifier who it is: a signed statement, used once (private_key_jwt, RFC 7523). */
@Component
public class ClientAssertion {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    private final String client;
    private final PrivateKey key;

    public ClientAssertion(
            @Value("${client.id}") String client,
            @Value("${client.key}") String file) throws IOException, GeneralSecurityException {
        this.client = client;
        var jwk = JSON.readTree(Path.of(file).toFile());
        var d = new BigInteger(1, Base64.getUrlDecoder().decode(jwk.required("d").asText()));
        var curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        var parameters = curve.getParameterSpec(ECParameterSpec.class);
        key = KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(d, parameters));
    }

    /** An assertion of one minute for the token endpoint at this address. */
    public String forServer(String endpoint) throws IOException {
        var now = Instant.now().getEpochSecond();
        var claims = Map.of("iss", client, "sub", client, "aud", endpoint,
                "jti", UUID.randomUUID().toString(), "iat", now, "exp", now + 60);
        var input = part(Map.of("alg", "ES256", "typ", "JWT")) + "." + part(claims);
        try {
            var signer = Signature.getInstance("SHA256withECDSAinP1363Format");
            signer.initSign(key);
            signer.update(input.getBytes());
            return input + "." + BASE64URL.encodeToString(signer.sign());
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException("the client's key does not sign", error);
        }
    }

    private static String part(Object value) throws IOException {
        return BASE64URL.encodeToString(JSON.writeValueAsBytes(value));
    }
}
