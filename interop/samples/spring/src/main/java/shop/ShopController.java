package shop;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A shop that sells wine to people of 18 and over, and learns nothing else about them. */
@RestController
public class ShopController {
    private static final System.Logger LOG = System.getLogger("shop");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final MediaType HTML = MediaType.parseMediaType("text/html;charset=UTF-8");

    private final Verifier verifier;
    private final WebhookSignature signature;
    private final String url;
    /** The request of each visit, by the browser's cookie; a real shop keeps this in its sessions. */
    private final Map<String, String> visits = new ConcurrentHashMap<>();
    /** What the verifier told of each request. A notice may come twice, and before or after the browser. */
    private final Map<String, String> told = new ConcurrentHashMap<>();

    public ShopController(Verifier verifier, WebhookSignature signature, @Value("${shop.url}") String url) {
        this.verifier = verifier;
        this.signature = signature;
        this.url = url;
    }

    @GetMapping("/")
    public ResponseEntity<String> offer() {
        return page(HttpStatus.OK, "<form method=post action=/buy><button>와인 사기 · Buy wine (18+)</button></form>");
    }

    @PostMapping("/buy")
    public ResponseEntity<Void> buy() throws IOException, InterruptedException {
        var request = verifier.askForAge(url + "/return");
        var visit = UUID.randomUUID().toString();
        visits.put(visit, request.id());
        var secure = url.startsWith("https:") ? "; Secure" : "";
        return ResponseEntity.status(HttpStatus.SEE_OTHER)
                .header("Set-Cookie", "visit=" + visit + "; Path=/; HttpOnly; SameSite=Lax" + secure)
                .location(URI.create(request.page()))
                .build();
    }

    /** The browser comes back. The request is the one of this browser; the code alone opens nothing. */
    @GetMapping("/return")
    public ResponseEntity<String> comeBack(
            @CookieValue(name = "visit", defaultValue = "") String visit,
            @RequestParam(name = "response_code", defaultValue = "") String responseCode)
            throws IOException, InterruptedException {
        var request = visits.get(visit);
        if (request == null || !verifier.isOfAge(request, responseCode)) {
            return page(HttpStatus.FORBIDDEN, "<h1>판매하지 않았습니다 · Not sold</h1>");
        }
        return page(HttpStatus.OK, "<h1>판매했습니다 · Sold</h1>");
    }

    @PostMapping("/webhook")
    public ResponseEntity<Void> hear(
            @RequestHeader(name = "Webhook-Signature", defaultValue = "") String header, @RequestBody byte[] body)
            throws IOException, GeneralSecurityException {
        if (!signature.holds(header, body)) {
            return ResponseEntity.status(HttpStatus.UNAUTHORIZED).build();
        }
        var notice = JSON.readTree(body);
        told.put(notice.required("id").asText(), notice.required("event").asText());
        return ResponseEntity.noContent().build();
    }

    /** What was told of this browser's request. */
    @GetMapping("/told")
    public ResponseEntity<String> told(@CookieValue(name = "visit", defaultValue = "") String visit) {
        var request = visits.getOrDefault(visit, "");
        return page(HttpStatus.OK, told.getOrDefault(request, "nothing"));
    }

    @ExceptionHandler(IOException.class)
    public ResponseEntity<String> isAway(IOException error) {
        LOG.log(System.Logger.Level.ERROR, "the verifier does not answer as it should", error);
        return page(HttpStatus.SERVICE_UNAVAILABLE, "<h1>잠시 뒤에 다시 해 주세요 · Try again in a moment</h1>");
    }

    private static ResponseEntity<String> page(HttpStatus status, String main) {
        var html = "<!doctype html><html lang=ko><meta charset=utf-8><title>와인 가게 · Wine shop</title>" + main;
        return ResponseEntity.status(status).contentType(HTML).body(html);
    }
}
