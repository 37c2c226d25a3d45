//! What is refused at the command line, and what a wallet that does one thing wrong is answered.

use crate::{
    journey::{outcome, receive},
    office::{Office, offer, request, text},
};

const PLACES: (&str, &str) = ("--data issuer", "--data verifier");

#[test]
fn a_wallet_that_does_one_thing_wrong_is_refused() {
    let office = Office::founded(PLACES.0, PLACES.1);
    let (issuing, verifying) = (office.serve("issuer", PLACES.0), office.serve("verifier", PLACES.1));
    let (issuer, verifier) =
        (office.program(&issuing.url, "issuer"), office.program(&verifying.url, "verifier"));
    for fault in ["proof-nonce", "proof-aud", "proof-typ"] {
        let offered = offer(&issuer);
        let (link, code) = (text(&offered, "link"), text(&offered, "tx_code"));
        office.refused(&format!("wallet receive {link} --tx-code {code} --development --misbehave {fault}"));
    }
    receive(&office, &offer(&issuer));
    for fault in ["nonce", "audience", "wrong-sd-hash", "tampered-credential", "no-binding", "old-iat"] {
        let asked = request(&verifier, "cross_device");
        office
            .run(&format!("wallet present {} --yes --development --misbehave {fault}", text(&asked, "link")));
        let end = outcome(&verifier, &asked);
        assert_eq!(text(&end, "state"), "refused", "{fault}: {end}");
    }
}

#[test]
fn what_is_unsafe_is_refused_at_the_command_line() {
    let office = Office::founded(PLACES.0, PLACES.1);
    let start = "serve issuer --data issuer --as post --listen 127.0.0.1:0";
    assert!(office.fails(start).contains("--development"), "plain http is for development");
    assert!(office.fails(&format!("{start} --base http://issuer.example.kr")).contains("--base"));
    let public = "serve issuer --data issuer --as post --listen 0.0.0.0:0 --base https://issuer.example.kr";
    assert!(office.fails(public).contains("loopback"));
    assert!(
        office
            .fails("serve issuer --data issuer --as nobody --listen 127.0.0.1:0 --development")
            .contains("nobody")
    );
    assert!(
        office
            .fails("service tenant add manage --service issuer --data issuer --ko 가 --en a")
            .contains("tenant")
    );
    std::fs::write(office.path("short"), "short").unwrap();
    std::fs::set_permissions(office.path("short"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .unwrap();
    assert!(office.fails("service account add kim --data issuer --password-file short").contains("account"));
    let client = "service client add x --service issuer --data issuer --generate x.jwk --scopes everything";
    assert!(office.fails(client).contains("client"));
    std::fs::set_permissions(
        office.path("issuer/service.key"),
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )
    .unwrap();
    assert!(office.fails(&format!("{start} --development")).contains("chmod 600"));
}
