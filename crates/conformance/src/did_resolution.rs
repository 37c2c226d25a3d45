//! `didresolution`: answers of our resolver over HTTP, held against the schema that the DID Resolution test suite applies
//! and the form of results. A case is an answer: of every method, in every form, and to what must be refused.

mod schema;

use crate::{
    did_world::{self, Subjects, World},
    expect, given,
    report::Report,
};
use anyhow::{Context, Result, ensure};
use schema::Schema;
use serde_json::Value;
use sinpyo_resolver::http_binding::Answer;
use std::path::Path;

const RESULT: &str = "application/did-resolution";
const DEREFERENCED: &str = "application/did-url-dereferencing";
const LEGACY: &str = r#"application/ld+json;profile="https://w3id.org/did-resolution""#;
/// The media types of bare documents.
const DOCUMENTS: [&str; 5] = [
    "application/did",
    "application/did+json",
    "application/did+ld+json",
    "application/json",
    "application/ld+json",
];

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let schema = Schema::new(given::json(&folder.join("did-schema.json"))?);
    let outcomes = did_world::with(|world| {
        let mut outcomes = Vec::new();
        for subjects in &world.subjects {
            let suite = Suite { world, schema: &schema, subjects };
            for (name, outcome) in suite.outcomes() {
                outcomes.push((format!("did:{} {name}", subjects.method), outcome));
            }
        }
        Ok(outcomes)
    })?;
    let mut report = Report::new(outcomes.len());
    for (name, outcome) in outcomes {
        report.record(name, outcome);
    }
    Ok(report)
}

/// The answers about the DIDs of one method.
struct Suite<'a> {
    world: &'a World<'a>,
    schema: &'a Schema,
    subjects: &'a Subjects,
}

impl Suite<'_> {
    fn outcomes(&self) -> Vec<(String, Result<()>)> {
        let Subjects { live, ended, absent, invalid, .. } = self.subjects;
        let did = live.as_str();
        let mut outcomes = vec![
            ("result".to_owned(), self.result(did, "", RESULT)),
            ("result by default".to_owned(), self.result(did, "", "*/*")),
            ("percent-encoded".to_owned(), self.result(&did.replace(':', "%3A"), "", RESULT)),
            ("older dialect".to_owned(), self.result(did, "", LEGACY)),
            ("verification method".to_owned(), self.part(did)),
        ];
        for media_type in DOCUMENTS {
            outcomes.push((media_type.to_owned(), self.document(did, media_type)));
        }
        let mut refuse =
            |name: &str, target: &str, query: &str, accept: &str, (status, problem): (u16, &str)| {
                outcomes.push((name.to_owned(), self.refused(target, query, accept, (status, problem))));
            };
        refuse("no representation", did, "", "application/did+cbor", (406, "REPRESENTATION_NOT_SUPPORTED"));
        refuse("invalid DID", invalid, "", RESULT, (400, "INVALID_DID"));
        refuse("no DID", "nonsense", "", RESULT, (400, "INVALID_DID"));
        refuse("no such method", "did:nobody:1", "", RESULT, (501, "METHOD_NOT_SUPPORTED"));
        refuse("invalid options", did, "versionTime=yesterday", RESULT, (400, "INVALID_OPTIONS"));
        refuse("no such version", did, "versionId=99-x", RESULT, (404, "NOT_FOUND"));
        refuse("no such part", &format!("{did}%23nothing"), "", DEREFERENCED, (404, "NOT_FOUND"));
        if let Some(absent) = absent {
            refuse("absent", absent.as_str(), "", RESULT, (404, "NOT_FOUND"));
        }
        if let Some(ended) = ended {
            outcomes.push(("deactivated".to_owned(), self.deactivated(ended.as_str())));
        }
        if matches!(self.subjects.method, "webvh" | "tlog") {
            outcomes.push(("named version".to_owned(), self.version()));
        }
        outcomes
    }

    /// A result with its document, which meets the schema.
    fn result(&self, target: &str, query: &str, accept: &str) -> Result<()> {
        let answer = self.world.ask(target, query, accept)?;
        expect::same("status", &answer.status, &200)?;
        let media_type = if accept == LEGACY { LEGACY } else { RESULT };
        expect::same("media type", &answer.content_type, &Some(media_type))?;
        let body = body(&answer)?;
        self.check_document(given::member(&body, "didDocument")?)?;
        given::object(given::member(&body, "didDocumentMetadata")?)?;
        let metadata = given::member(&body, "didResolutionMetadata")?;
        ensure!(metadata.get("error").is_none(), "a success with an error");
        given::text_member(metadata, "contentType").map(drop)
    }

    fn document(&self, did: &str, media_type: &str) -> Result<()> {
        let answer = self.world.ask(did, "", media_type)?;
        expect::same("status", &answer.status, &200)?;
        expect::same("media type", &answer.content_type, &Some(media_type))?;
        self.check_document(&body(&answer)?)
    }

    fn check_document(&self, document: &Value) -> Result<()> {
        self.schema.check(document)?;
        expect::same("id", given::text_member(document, "id")?, self.subjects.live.as_str())
    }

    /// The first key of the document, named by its URL.
    fn part(&self, did: &str) -> Result<()> {
        let whole = body(&self.world.ask(did, "", "application/did")?)?;
        let method = given::member(&whole, "verificationMethod")?.get(0).context("a document has a key")?;
        let url = given::text_member(method, "id")?.replace('#', "%23");
        let answer = self.world.ask(&url, "", DEREFERENCED)?;
        expect::same("status", &answer.status, &200)?;
        expect::same("media type", &answer.content_type, &Some(DEREFERENCED))?;
        let part = body(&answer)?;
        let stream = given::member(&part, "contentStream")?;
        for (name, value) in given::object(method)? {
            expect::same(name, &stream.get(name), &Some(value))?;
        }
        given::object(given::member(&part, "contentMetadata")?).map(drop)
    }

    /// A result without a document, with the problem's type and its status.
    fn refused(&self, target: &str, query: &str, accept: &str, (status, problem): (u16, &str)) -> Result<()> {
        let answer = self.world.ask(target, query, accept)?;
        expect::same("status", &answer.status, &status)?;
        let body = body(&answer)?;
        let (content, metadata) = if accept == DEREFERENCED {
            (given::member(&body, "contentStream")?, given::member(&body, "dereferencingMetadata")?)
        } else {
            (given::member(&body, "didDocument")?, given::member(&body, "didResolutionMetadata")?)
        };
        ensure!(content.is_null() || content == "", "a refusal with content");
        let error = given::member(metadata, "error")?;
        let kind = given::text_member(error, "type")?;
        expect::same("problem", kind, format!("https://www.w3.org/ns/did#{problem}").as_str())?;
        // The older dialect says the same in one word; it knows no versions.
        if accept == RESULT && query.is_empty() {
            let legacy = self.world.ask(target, query, LEGACY)?;
            let legacy = crate::did_resolution::body(&legacy)?;
            let word = given::text_member(given::member(&legacy, "didResolutionMetadata")?, "error")?;
            ensure!(!word.is_empty() && !word.contains(' '), "not one word: {word}");
        }
        Ok(())
    }

    fn deactivated(&self, did: &str) -> Result<()> {
        let answer = self.world.ask(did, "", RESULT)?;
        expect::same("status", &answer.status, &410)?;
        let body = body(&answer)?;
        let metadata = given::member(&body, "didDocumentMetadata")?;
        expect::same("deactivated", &metadata.get("deactivated"), &Some(&Value::Bool(true)))
    }

    /// The newest version by its name.
    fn version(&self) -> Result<()> {
        let did = self.subjects.live.as_str();
        let newest = body(&self.world.ask(did, "", RESULT)?)?;
        let name = given::text_member(given::member(&newest, "didDocumentMetadata")?, "versionId")?;
        if self.subjects.method == "tlog" {
            expect::same("version", name, self.world.version_of(&self.subjects.live)?.as_str())?;
        }
        self.result(did, &format!("versionId={name}"), RESULT)
    }
}

fn body(answer: &Answer) -> Result<Value> {
    serde_json::from_slice(&answer.body).context("the answer is JSON")
}
