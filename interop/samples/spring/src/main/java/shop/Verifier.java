package shop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The management interface of a verifier service: what the shop asks of it. */
@Component
public class Verifier {
    /** Where the visitor is sent, and the name of the request. */
    public record Request(String id, String page) {}

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String url;
    private final String tenant;
    private final ClientAssertion client;
    private final List<String> issuers;
    private String token;
    private Instant expires = Instant.EPOCH;

    public Verifier(
            @Value("${verifier.url}") String url,
            @Value("${verifier.tenant}") String tenant,
            @Value("${verifier.issuers}") String issuers,
            ClientAssertion client) {
        this.url = url;
        this.tenant = tenant;
        this.issuers = List.of(issuers.split(","));
        this.client = client;
    }

    /** Opens a request: a resident certificate that says "18 or over", and nothing else of it. */
    public Request askForAge(String returnTo) throws IOException, InterruptedException {
        var query = Map.of("credentials", List.of(Map.of(
                "id", "resident",
                "format", "dc+sd-jwt",
                "meta", Map.of("vct_values", List.of("urn:sinpyo:credential:ResidentCredential")),
                "claims", List.of(Map.of("path", List.of("age_over_18"), "values", List.of(true))))));
        var opened = post("/requests", Map.of(
                "query", query,
                "purpose", Map.of("ko", "주류 구매를 위한 나이 확인", "en", "age check for buying alcohol"),
                "mode", "same_device",
                "trust", Map.of("issuers", issuers),
                "return_to", returnTo));
        if (opened.statusCode() != 201) {
            throw new IOException("the verifier answered " + opened.statusCode() + ": " + opened.body());
        }
        var request = JSON.readTree(opened.body());
        return new Request(request.required("id").asText(), request.required("page").asText());
    }

    /** Fetches the result, which is given once, to whoever has the code that the visitor's browser brought back. */
    public boolean isOfAge(String id, String responseCode) throws IOException, InterruptedException {
        var answer = post("/requests/" + id + "/result", Map.of("response_code", responseCode));
        if (answer.statusCode() != 200) {
            return false;
        }
        JsonNode shown = JSON.readTree(answer.body()).at("/credentials/resident/0/claims/age_over_18");
        return shown.isBoolean() && shown.booleanValue();
    }

    private HttpResponse<String> post(String path, Object body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url + "/manage/" + tenant + path))
                .timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer " + token())
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)));
        return http.send(request.build(), BodyHandlers.ofString());
    }

    /** A token of 15 minutes, fetched anew a minute before it ends. */
    private synchronized String token() throws IOException, InterruptedException {
        if (Instant.now().isBefore(expires.minusSeconds(60))) {
            return token;
        }
        var endpoint = url + "/manage/token";
        var form = "grant_type=client_credentials&client_assertion_type=" + encode(ASSERTION)
                + "&client_assertion=" + encode(client.forServer(endpoint));
        var request = HttpRequest.newBuilder(URI.create(endpoint))
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form));
        var answer = http.send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("the verifier gives no token: " + answer.statusCode() + " " + answer.body());
        }
        var granted = JSON.readTree(answer.body());
        token = granted.required("access_token").asText();
        expires = Instant.now().plusSeconds(granted.required("expires_in").asLong());
        return token;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
