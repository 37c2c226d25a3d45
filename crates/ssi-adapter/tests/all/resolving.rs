//! An application built on `ssi` resolves our DIDs.

use crate::world::{World, in_world, method, now};
use futures_executor::block_on;
use serde_json::json;
use sinpyo_core::{
    document::{DidDocument, PublicKeyMaterial, VerificationRelationship as For},
    resolved::VersionSelector,
};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_registry::did_tlog;
use sinpyo_tlog::note::LogKey;
use sinpyo_resolver::did_webvh::{DidLog, Parameters, UpdateKey, create};
use sinpyo_ssi_adapter::Resolver;
use sinpyo_testkit::key;
use ssi::dids::{
    AnyDidMethod, DID, DIDResolver, DIDURL, Document,
    document::representation::MediaType,
    resolution::{Error, ErrorKind, Options, Output},
};

fn resolve(world: &World<'_>, did: &str, options: Options) -> Result<Output, Error> {
    block_on(Resolver::new(world).resolve_with(DID::new(did).unwrap(), options))
}

fn latest(world: &World<'_>, did: &str) -> Result<Document, ErrorKind> {
    let output = resolve(world, did, Options::default()).map_err(|error| error.kind())?;
    Ok(output.document.into_document())
}

fn names(document: &Document) -> Vec<&str> {
    document.verification_method.iter().map(|method| method.id.fragment().unwrap().as_str()).collect()
}

fn at(id: Option<&str>, time: Option<&str>) -> Options {
    let mut options = Options::default();
    options.parameters.version_id = id.map(str::to_owned);
    options.parameters.version_time = time.map(str::to_owned);
    options
}

#[test]
fn a_did_tlog_is_resolved_from_proof() {
    in_world(|world| {
        for office in &world.offices {
            let document = latest(&world, office.did.as_str()).unwrap();
            assert_eq!(document.id.as_str(), office.did.as_str());
            let [key] = document.verification_method.as_slice() else { panic!("one key") };
            assert_eq!(
                (key.type_.as_str(), key.id.as_str()),
                ("Multikey", office.signatory().key_id.as_str())
            );
            assert_eq!(key.properties["publicKeyMultibase"], office.key().to_multikey().to_string());
            assert_eq!(document.verification_relationships.assertion_method.len(), 1);
            assert_eq!(document.verification_relationships.authentication.len(), 0);
        }
    });
}

#[test]
fn a_proof_by_another_log_is_refused() {
    in_world(|mut world| {
        let did = world.offices[0].did.to_string();
        let other = key(Algorithm::Ed25519, 10).verifying_key().clone();
        world.log_key = LogKey::new(world.log_key.name().clone(), other).unwrap();
        let error = resolve(&world, &did, Options::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert!(error.to_string().contains("LOG-13"), "{error}");
    });
}

#[test]
fn versions_are_resolved_by_name_and_by_time() {
    in_world(|world| {
        let office = world.office(Algorithm::Es256);
        let did = office.did.as_str();
        let first = world.ledger.resolve(&office.did, &VersionSelector::Latest).unwrap();
        let second = key(Algorithm::Es256, 44);
        let renewed = DidDocument::new(office.did.clone())
            .with_key(method(&office.did, "key-2", second.verifying_key()), &[For::AssertionMethod]);
        world.update(office, &renewed);

        assert_eq!(names(&latest(&world, did).unwrap()), ["key-2"]);
        let id = first.metadata.version_id.unwrap();
        let old = resolve(&world, did, at(Some(&id), None)).unwrap();
        assert_eq!(names(&old.document), ["key-1"]);
        let now = resolve(&world, did, at(None, Some("2026-11-23T00:00:00Z"))).unwrap();
        assert_eq!(names(&now.document), ["key-2"]);

        let refused = |options| resolve(&world, did, options).unwrap_err().kind();
        assert_eq!(refused(at(None, Some("2020-01-01T00:00:00Z"))), ErrorKind::NotFound);
        assert_eq!(refused(at(Some("9-none"), None)), ErrorKind::NotFound);
        assert_eq!(refused(at(None, Some("yesterday"))), ErrorKind::InvalidOptions);
        assert_eq!(refused(at(Some(&id), Some("2026-11-23T00:00:00Z"))), ErrorKind::InvalidOptions);
    });
}

/// `ssi` does not look whether a key is revoked, or a DID out of use: it is not shown such keys.
#[test]
fn keys_that_nobody_may_use_are_not_shown() {
    in_world(|world| {
        let office = world.office(Algorithm::Ed25519);
        let mut revoked = method(&office.did, "key-1", office.key());
        revoked.revoked = Some("2026-11-20T00:00:00Z".parse().unwrap());
        let good = key(Algorithm::Es256, 45);
        let document = DidDocument::new(office.did.clone())
            .with_key(revoked, &[For::AssertionMethod])
            .with_key(method(&office.did, "key-2", good.verifying_key()), &[For::AssertionMethod]);
        world.update(office, &document);
        let document = latest(&world, office.did.as_str()).unwrap();
        assert_eq!(names(&document), ["key-2"]);
        assert_eq!(document.verification_relationships.assertion_method.len(), 1);

        let head = world.ledger.head_of(&office.did).unwrap().unwrap();
        let draft = did_tlog::deactivate(&head, world.ledger.origin());
        let operation = draft.sign(&office.control, office.control.key().verifying_key()).unwrap();
        let _sequenced = world.ledger.submit(operation).unwrap();
        world.ledger.checkpoint().unwrap();
        let output = resolve(&world, office.did.as_str(), Options::default()).unwrap();
        assert_eq!(output.document_metadata.deactivated, Some(true));
        assert_eq!(names(&output.document), Vec::<&str>::new());
    });
}

/// A key that its controller wrote as a JSON Web Key of a type that `ssi` does not know.
#[test]
fn a_json_web_key_is_shown_as_a_multikey() {
    in_world(|world| {
        let office = world.office(Algorithm::Es256);
        let key = key(Algorithm::Es384, 47).verifying_key().clone();
        let mut jwk = method(&office.did, "key-2", &key);
        jwk.key = PublicKeyMaterial::Jwk(key.to_jwk());
        world.update(office, &DidDocument::new(office.did.clone()).with_key(jwk, &[For::AssertionMethod]));
        let document = latest(&world, office.did.as_str()).unwrap();
        let [shown] = document.verification_method.as_slice() else { panic!("one key") };
        assert_eq!(shown.type_, "Multikey");
        assert_eq!(shown.properties["publicKeyMultibase"], key.to_multikey().to_string());
    });
}

#[test]
fn a_did_web_is_fetched_and_must_be_about_itself() {
    in_world(|mut world| {
        let file = |did: &str, key: &SigningKey| {
            let did = did.parse().unwrap();
            let method = method(&did, "key-1", key.verifying_key());
            let document = DidDocument::new(did).with_key(method, &[For::AssertionMethod]);
            serde_json::to_vec(&document.to_json()).unwrap()
        };
        let key = key(Algorithm::Es256, 46);
        for (path, did) in [("office", "did:web:a.example:office"), ("foreign", "did:web:b.example")] {
            world.files.insert(format!("https://a.example/{path}/did.json"), file(did, &key));
        }
        assert_eq!(names(&latest(&world, "did:web:a.example:office").unwrap()), ["key-1"]);
        assert_eq!(latest(&world, "did:web:a.example:nobody").unwrap_err(), ErrorKind::NotFound);
        let error = resolve(&world, "did:web:a.example:foreign", Options::default()).unwrap_err();
        assert!(error.to_string().contains("WEB-06"), "{error}");
    });
}

/// Publishes a did:webvh of one version in the world's web; its DID.
fn publish_webvh(world: &mut World<'_>, statements: &SigningKey) -> String {
    let update = key(Algorithm::Ed25519, 48);
    let update_keys = Some(vec![UpdateKey::new(update.verifying_key()).unwrap()]);
    let parameters = Parameters { update_keys, ..Parameters::default() };
    let multikey = statements.verifying_key().to_multikey().to_string();
    let document = |did: &str| {
        let method = json!({
            "id": format!("{did}#key-1"), "controller": did, "type": "Multikey", "publicKeyMultibase": multikey,
        });
        let document = json!({"id": did, "verificationMethod": [method], "assertionMethod": ["#key-1"]});
        document.as_object().unwrap().clone()
    };
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let prepared = create("office.example", &parameters, at, document).unwrap();
    let prepared = prepared.prepare(update.verifying_key()).unwrap();
    let signature = update.sign(prepared.signing_input()).unwrap();
    let log = DidLog::start(prepared.attach(&signature).unwrap(), now()).unwrap();
    let file = "https://office.example/.well-known/did.jsonl".to_owned();
    world.files.insert(file, log.to_jsonl().into_bytes());
    log.versions()[0].entry().state()["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_did_webvh_is_resolved_from_its_history() {
    in_world(|mut world| {
        let did = publish_webvh(&mut world, &key(Algorithm::Es256, 49));
        assert_eq!(names(&latest(&world, &did).unwrap()), ["key-1"]);
        for log in world.files.values_mut() {
            *log = str::from_utf8(log).unwrap().replace("key-1", "key-2").into_bytes();
        }
        let error = resolve(&world, &did, Options::default()).unwrap_err();
        assert!(error.to_string().contains("WVH-"), "{error}");
    });
}

#[test]
fn other_methods_are_left_to_ssi_only_if_the_application_says_so() {
    in_world(|world| {
        let did = "did:pkh:eip155:1:0xb9c5714089478a327f09197987f16f9e5d936e8a";
        assert_eq!(latest(&world, did).unwrap_err(), ErrorKind::MethodNotSupported);
        let both = Resolver::new(&world).with_others(AnyDidMethod::default());
        let theirs = block_on(both.resolve(DID::new(did).unwrap())).unwrap();
        assert_eq!(theirs.document.id.as_str(), did);
        let ours = block_on(both.resolve(DID::new(world.offices[0].did.as_str()).unwrap())).unwrap();
        assert_eq!(names(&ours.document), ["key-1"]);
    });
}

#[test]
fn what_is_no_such_did_is_refused() {
    in_world(|world| {
        for (did, kind) in [
            ("did:key:nonsense", ErrorKind::InvalidMethodSpecificId),
            ("did:jwk:nonsense", ErrorKind::InvalidMethodSpecificId),
            ("did:tlog:zQmNobody", ErrorKind::NotFound),
            ("did:example:123", ErrorKind::MethodNotSupported),
        ] {
            assert_eq!(latest(&world, did).unwrap_err(), kind, "{did}");
        }
    });
}

/// By itself `ssi` unwraps the outcome of parsing the query.
#[test]
fn a_did_url_with_a_query_names_no_key_and_does_no_harm() {
    in_world(|world| {
        let resolver = Resolver::new(&world);
        let did = world.offices[0].did.as_str();
        let found = |url: &str| block_on(resolver.dereference(DIDURL::new(url).unwrap())).is_ok();
        assert!(found(&format!("{did}#key-1")));
        assert!(found(did));
        for rest in ["?versionId=1&versionId=2#key-1", "?accept=nothing#key-1", "/path#key-1", "#key-2"] {
            assert!(!found(&format!("{did}{rest}")), "{rest}");
        }
    });
}

#[test]
fn plain_json_has_no_context() {
    in_world(|world| {
        let resolver = Resolver::new(&world);
        let did = DID::new(world.offices[0].did.as_str()).unwrap();
        for (media_type, has_context) in [(MediaType::Json, false), (MediaType::JsonLd, true)] {
            let options = Options { accept: Some(media_type), ..Options::default() };
            let output = block_on(resolver.resolve_representation(did, options)).unwrap();
            assert_eq!(output.metadata.content_type.as_deref(), Some(media_type.name()));
            assert_eq!(str::from_utf8(&output.document).unwrap().contains("@context"), has_context);
        }
    });
}
