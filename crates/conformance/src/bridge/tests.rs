//! The bridge as its callers see it: lines in, lines out.

use super::serve;
use serde_json::{Value, json};

/// The answers to `lines`.
fn answers(lines: &[&str]) -> Vec<Value> {
    let mut out = Vec::new();
    serve(lines.join("\n").as_bytes(), &mut out).unwrap();
    String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What `op` answers to `args`.
#[expect(clippy::needless_pass_by_value, reason = "arguments are written where they are used")]
fn call(op: &str, args: Value) -> Result<Value, String> {
    let mut answer = answers(&[&json!({"id": 1, "op": op, "args": args}).to_string()]).remove(0);
    assert_eq!(answer["id"], 1);
    match answer.get_mut("ok") {
        Some(ok) => Ok(ok.take()),
        None => Err(answer["error"]["code"].as_str().unwrap().to_owned()),
    }
}

fn key(algorithm: &str) -> Value {
    call("key.generate", json!({"algorithm": algorithm})).unwrap()
}

fn credential(issuer: &Value) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential", "ExampleAlumniCredential"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:minji", "alumniOf": {"name": "학교"}, "degree": {"type": "ExampleDegree"}},
    })
}

#[test]
fn every_line_gets_one_answer_in_order() {
    let deep = format!("{{\"id\":6,\"op\":\"di.verify\",\"args\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let lines = [
        r#"{"id":"a","op":"nonsense"}"#,
        "",
        "{",
        r#"{"id":3,"id":3,"op":"key.generate"}"#,
        r#"{"id":4,"op":"key.generate","args":[]}"#,
        r#"{"id":5,"op":"key.generate","args":{"algorithm":5}}"#,
        &deep,
        r#"{"id":7,"op":"key.generate","args":{"algorithm":"ES256","did":null}}"#,
    ];
    let answers = answers(&lines);
    let outcomes: Vec<_> =
        answers.iter().map(|answer| (answer["id"].clone(), answer["error"]["code"].clone())).collect();
    assert_eq!(outcomes[0], (json!("a"), json!("OPERATION")));
    assert_eq!(outcomes[1].0, Value::Null);
    assert_eq!(outcomes[2], (json!(3), json!("JSON-01")));
    assert_eq!(outcomes[3], (json!(4), json!("ARGUMENT")));
    assert_eq!(outcomes[4], (json!(5), json!("ARGUMENT")));
    assert!(outcomes[5].1.as_str().unwrap().starts_with("JSON-"));
    assert_eq!((&outcomes[6].0, answers.len()), (&json!(7), 7));
    assert!(answers[6]["ok"]["jwk"]["d"].is_string());
}

#[test]
fn statements_are_canonicalized() {
    let quads = "_:x <urn:knows> _:y .\n_:y <urn:name> \"Y\" .\n";
    let answer = call("rdf.canonicalize", json!({"nquads": quads, "hash": "sha384"})).unwrap();
    assert!(answer["nquads"].as_str().unwrap().contains("_:c14n1"));
    let document = json!({"@context": {"a": "urn:a"}, "@id": "urn:s", "a": 1});
    let answer = call("jsonld.canonicalize", json!({"document": document})).unwrap();
    assert_eq!(answer["compiled"], false);
    let twin = json!({"@context": {"a": "urn:a"}, "@id": "urn:s", "b": 1});
    assert_eq!(call("jsonld.canonicalize", json!({"document": twin})).unwrap_err(), "JLD-04");
    let registered = json!({"@context": "urn:context", "@id": "urn:s", "a": 1});
    let contexts = json!({"urn:context": {"@context": {"a": "urn:a"}}});
    let answer = call("jsonld.canonicalize", json!({"document": registered, "contexts": contexts})).unwrap();
    assert_eq!(answer["compiled"], true);
    assert_eq!(call("jsonld.canonicalize", json!({"document": registered})).unwrap_err(), "JLD-01");
    let plain = credential(&json!("did:example:issuer"));
    assert_eq!(call("jsonld.canonicalize", json!({"document": plain})).unwrap()["compiled"], true);
}

#[test]
fn proofs_of_every_suite_go_round_and_altered_documents_do_not() {
    for (suite, algorithm) in [
        ("eddsa-rdfc-2022", "Ed25519"),
        ("eddsa-jcs-2022", "Ed25519"),
        ("ecdsa-rdfc-2019", "ES256"),
        ("ecdsa-rdfc-2019", "ES384"),
        ("ecdsa-jcs-2019", "ES384"),
        ("mldsa44-jcs-2024", "ML-DSA-44"),
        ("ecdsa-sd-2023", "ES256"),
        ("bbs-2023", "BLS12-381"),
    ] {
        let key = key(algorithm);
        let request = json!({
            "document": credential(&key["did"]), "cryptosuite": suite, "key": key,
            "verificationMethod": key["verificationMethod"], "mandatoryPointers": ["/issuer"],
            "purpose": "assertionMethod", "domain": null, "challenge": null,
        });
        let mut document = call("di.issue", request).unwrap()["document"].take();
        if matches!(suite, "ecdsa-sd-2023" | "bbs-2023") {
            let refused = call("di.verify", json!({"document": document})).unwrap_err();
            assert!(refused.starts_with("SDI-"), "{suite}: {refused}");
            assert!(call("di.verify", json!({"document": document, "base": true})).is_ok());
            let request = json!({"document": document, "selectivePointers": ["/credentialSubject/alumniOf"]});
            document = call("di.derive", request).unwrap()["document"].take();
            assert_eq!(document["credentialSubject"]["degree"], Value::Null);
        }
        let verified =
            call("di.verify", json!({"document": document, "purpose": "assertionMethod"})).unwrap();
        assert_eq!(verified["document"]["issuer"], key["did"], "{suite}");
        assert_eq!(verified["document"]["proof"], Value::Null);
        let purpose = call("di.verify", json!({"document": document, "purpose": "authentication"}));
        assert_eq!(purpose.unwrap_err(), "DI-03");
        document["credentialSubject"]["alumniOf"]["name"] = json!("다른 학교");
        let refused = call("di.verify", json!({"document": document})).unwrap_err();
        assert!(["DI-10", "SDI-21", "SDI-23", "SDI-24"].contains(&refused.as_str()), "{suite}: {refused}");
    }
}

#[test]
fn a_proof_answers_its_own_challenge_only() {
    let key = key("Ed25519");
    let request = json!({
        "document": credential(&key["did"]), "cryptosuite": "eddsa-jcs-2022", "key": key["jwk"],
        "purpose": "authentication", "domain": "a.example", "challenge": "1",
    });
    let document = call("di.issue", request).unwrap()["document"].take();
    let verify = |domain: &str, challenge: &str| {
        let asked = json!({"document": document, "purpose": "authentication", "domain": domain, "challenge": challenge});
        call("di.verify", asked).err()
    };
    assert_eq!(verify("a.example", "1"), None);
    assert_eq!(verify("b.example", "1").as_deref(), Some("DI-06"));
    assert_eq!(verify("a.example", "2").as_deref(), Some("DI-07"));
}

#[test]
fn an_sd_jwt_shows_what_was_chosen() {
    let (issuer, holder) = (key("ES256"), key("Ed25519"));
    let claims = json!({"iss": issuer["did"], "vct": "urn:test", "name": "민지", "birth": {"year": 1999}});
    let request = json!({
        "claims": claims, "disclosable": [["name"], ["birth", "year"]], "key": issuer["jwk"],
        "kid": issuer["verificationMethod"], "holderJwk": holder["jwk"],
    });
    let issued = call("sdjwt.issue", request).unwrap()["sdJwt"].take();
    let request = json!({
        "sdJwt": issued, "disclose": [["birth", "year"]], "key": holder["jwk"], "aud": "https://a.example", "nonce": "1",
    });
    let presentation = call("sdjwt.present", request).unwrap()["presentation"].take();
    let verify = |nonce: &str| {
        let (aud, jwk) = ("https://a.example", &issuer["jwk"]);
        call(
            "sdjwt.verify",
            json!({"presentation": presentation, "issuerJwk": jwk, "aud": aud, "nonce": nonce}),
        )
    };
    let claims = verify("1").unwrap()["claims"].take();
    assert_eq!((&claims["birth"]["year"], &claims["name"]), (&json!(1999), &Value::Null));
    assert_eq!(verify("2").unwrap_err(), "SDJ-13");
    let unasked = json!({"presentation": presentation, "issuerJwk": issuer["jwk"]});
    assert_eq!(call("sdjwt.verify", unasked).unwrap_err(), "SDJ-11");
}

#[test]
fn tokens_go_round() {
    let (issuer, holder) = (key("ES256"), key("Ed25519"));
    let mut plain = credential(&issuer["did"]);
    plain["credentialSubject"]["id"] = holder["did"].clone();
    let token = call("vcjwt.issue", json!({"credential": plain, "key": issuer})).unwrap()["token"].take();
    let read = call("vcjwt.verify", json!({"token": token})).unwrap();
    assert_eq!(read["credential"]["issuer"], issuer["did"]);
    let stranger = json!({"credential": plain, "key": holder});
    let stranger = call("vcjwt.issue", stranger).unwrap()["token"].take();
    assert_eq!(call("vcjwt.verify", json!({"token": stranger})).unwrap_err(), "VCJ-06");
    let message =
        call("vccose.issue", json!({"credential": plain, "key": issuer})).unwrap()["message"].take();
    assert!(call("vccose.verify", json!({"message": message})).is_ok());

    let request = json!({"credentials": [token], "key": holder, "aud": "a", "nonce": "1"});
    let presentation = call("vpjwt.issue", request).unwrap()["token"].take();
    let verify =
        |nonce: &str| call("vpjwt.verify", json!({"token": presentation, "aud": "a", "nonce": nonce}));
    assert_eq!(verify("1").unwrap()["presentation"]["holder"], holder["did"]);
    assert_eq!(verify("2").unwrap_err(), "VCJ-17");
}

#[test]
fn a_history_is_made_and_resolved() {
    let [first, second, third] = [key("Ed25519"), key("Ed25519"), key("Ed25519")];
    let additions = json!({"alsoKnownAs": ["urn:{DID}"]});
    let request = json!({
        "domain": "a.example:office", "key": first["jwk"], "nextKey": second["jwk"], "document": additions,
        "versionTime": "2026-01-01T00:00:00Z",
    });
    let mut made = call("webvh.create", request).unwrap();
    let did = made["did"].take();
    let resolve = |log: &Value| call("webvh.resolve", json!({"did": did, "log": log}));
    let document = resolve(&made["log"]).unwrap()["document"].take();
    assert_eq!(document["alsoKnownAs"][0], format!("urn:{}", did.as_str().unwrap()));

    let stranger = json!({"log": made["log"], "key": third["jwk"], "document": document});
    assert_eq!(call("webvh.update", stranger).unwrap_err(), "WVH-11");
    let request =
        json!({"log": made["log"], "key": second["jwk"], "nextKey": third["jwk"], "document": document});
    let updated = call("webvh.update", request).unwrap()["log"].take();
    assert_eq!(resolve(&updated).unwrap()["metadata"]["versionNumber"], 2);
    let ended = call("webvh.deactivate", json!({"log": updated, "key": third["jwk"]})).unwrap()["log"].take();
    assert_eq!(resolve(&ended).unwrap()["metadata"]["deactivated"], true);
    let altered = updated.as_str().unwrap().replace("urn:did", "urn:dod");
    assert_eq!(resolve(&json!(altered)).unwrap_err(), "WVH-03");
}

#[test]
fn statuses_go_round() {
    let packed = call("status.bitstring", json!({"length": 131_072, "set": [3, 131_071]})).unwrap();
    assert_eq!(call("status.bitstring", packed).unwrap(), json!({"length": 131_072, "set": [3, 131_071]}));
    assert_eq!(call("status.bitstring", json!({"encodedList": "uAAAA"})).unwrap_err(), "STS-03");

    let key = key("ES256");
    for form in ["jwt", "cwt"] {
        let (statuses, uri) = (json!({"1": 2, "9": 3}), "https://a.example/statuses");
        let request = json!({"bits": 2, "statuses": statuses, "key": key["jwk"], "uri": uri, "form": form});
        let token = call("status.token", request).unwrap()["token"].take();
        let read =
            |uri: &str| call("status.token", json!({"token": token, "issuerJwk": key["jwk"], "uri": uri}));
        assert_eq!(read(uri).unwrap()["statuses"], statuses, "{form}");
        assert_eq!(read("https://b.example").unwrap_err(), "STL-02", "{form}");
    }
}

/// A certificate of an authority, in base64 of DER, and one of a document signer with the public key in `jwk`.
fn certificates(jwk: &Value) -> [String; 2] {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
        KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber, SignatureAlgorithm,
        date_time_ymd,
    };
    struct Point(Vec<u8>);
    impl PublicKeyData for Point {
        fn der_bytes(&self) -> &[u8] {
            &self.0
        }
        fn algorithm(&self) -> &'static SignatureAlgorithm {
            &PKCS_ECDSA_P256_SHA256
        }
    }
    let params = |name: &str| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::CountryName, "KR");
        params.serial_number = Some(SerialNumber::from(7_u64));
        (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2028, 1, 1));
        params
    };
    let mut root = params("IACA");
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let root = CertifiedIssuer::self_signed(root, pair).unwrap();
    let mut leaf = params("document signer");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![1, 0, 18013, 5, 1, 2])];
    leaf.use_authority_key_identifier_extension = true;
    let public = super::keys::public_key(jwk.as_object().unwrap()).unwrap();
    let leaf = leaf.signed_by(&Point(public.to_sec1().unwrap()), &root).unwrap();
    [STANDARD.encode(root.der()), STANDARD.encode(leaf.der())]
}

#[test]
fn an_mdoc_is_issued_presented_and_verified() {
    let (issuer, device) = (key("ES256"), key("ES256"));
    let [root, leaf] = certificates(&issuer["jwk"]);
    let (name, now) = ("org.iso.18013.5.1", "2026-06-01T00:00:00Z");
    let elements = json!({name: {
        "family_name": "김", "birth_date": {"date": "1999-01-31"}, "portrait": {"bytes": "AAEC"}, "age_over_18": true,
        "driving_privileges": [{"vehicle_category_code": "B", "issue_date": {"date": "2020-01-01"}}],
    }});
    let request = json!({
        "docType": "org.iso.18013.5.1.mDL", "namespaces": elements, "issuerKey": issuer["jwk"], "certificate": [leaf],
        "deviceJwk": device["jwk"], "validFrom": "2026-05-01T00:00:00Z", "validUntil": "2027-05-01T00:00:00Z",
    });
    let issued = call("mdoc.issue", request).unwrap()["issuerSigned"].take();
    let asked = json!({name: ["family_name", "birth_date", "driving_privileges"]});
    let transcript =
        json!({"clientId": "x509_san_dns:a.example", "nonce": "1", "responseUri": "https://a.example/r"});
    let present = |key: &Value| {
        let request = json!({
            "issuerSigned": issued, "docType": "org.iso.18013.5.1.mDL", "elements": asked, "deviceKey": key["jwk"],
            "transcript": transcript, "now": now,
        });
        call("mdoc.present", request)
    };
    let response = present(&device).unwrap()["deviceResponse"].take();
    assert!(present(&issuer).is_err(), "another device");
    let verify = |nonce: &str, elements: &Value| {
        let mut transcript = transcript.clone();
        transcript["nonce"] = json!(nonce);
        let request = json!({
            "deviceResponse": response, "roots": [root], "transcript": transcript, "now": now,
            "docType": "org.iso.18013.5.1.mDL", "elements": elements,
        });
        call("mdoc.verify", request)
    };
    let verified = verify("1", &asked).unwrap();
    let shown = &verified["documents"][0]["elements"][name];
    assert_eq!(shown["birth_date"], elements[name]["birth_date"]);
    assert_eq!(shown["driving_privileges"], elements[name]["driving_privileges"]);
    assert_eq!((&shown["family_name"], &shown["portrait"]), (&json!("김"), &Value::Null));
    assert_eq!(verify("2", &asked).unwrap_err(), "MDC-14");
    assert_eq!(verify("1", &json!({name: ["family_name"]})).unwrap_err(), "MDC-16");
}

#[test]
fn a_query_finds_what_answers_it() {
    let credential =
        |vct: &str| json!({"format": "dc+sd-jwt", "vct": vct, "claims": {"a": 1}, "bound": true});
    let query = json!({"credentials": [{"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": ["t"]},
        "claims": [{"path": ["a"]}]}]});
    let found =
        call("dcql.matches", json!({"query": query, "credentials": [credential("u"), credential("t")]}));
    let fits = json!([{"credential": 1, "claims": [["a"]], "claimSet": null}]);
    assert_eq!(found.unwrap(), json!({"satisfiable": true, "queries": {"q": fits}, "sets": [[["q"]]]}));
    assert_eq!(call("dcql.matches", json!({"query": {"credentials": []}})), Err("VP-DCQ-01a".to_owned()));
}
