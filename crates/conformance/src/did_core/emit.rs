//! Our files, made from what our resolver answers.

use crate::{
    did_world::{Subjects, World},
    given,
};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

const RESULT: &str = "application/did-resolution";
const DEREFERENCED: &str = "application/did-url-dereferencing";
const CONTENT_TYPES: [&str; 2] = ["application/did+json", "application/did+ld+json"];

/// The three files of every method, by name.
pub(super) fn all(world: &World<'_>) -> Result<Vec<(String, Value)>> {
    let mut files = Vec::new();
    for subjects in &world.subjects {
        let method = subjects.method;
        files.push((format!("did-{method}-sinpyo.json"), documents(world, subjects)?));
        files.push((format!("resolver-sinpyo-{method}.json"), resolver(world, subjects)?));
        files.push((format!("dereferencer-sinpyo-{method}.json"), dereferencer(world, subjects)?));
    }
    Ok(files)
}

fn head(subjects: &Subjects) -> Map<String, Value> {
    let head = json!({
        "didMethod": format!("did:{}", subjects.method),
        "implementation": "Sinpyo",
        "implementer": "Sinpyo contributors",
    });
    head.as_object().cloned().unwrap_or_default()
}

fn documents(world: &World<'_>, subjects: &Subjects) -> Result<Value> {
    let did = subjects.live.as_str();
    let result = ask(world, did, "", RESULT)?;
    let document = given::member(&result, "didDocument")?;
    let mut entry = Map::new();
    entry.insert("didDocumentDataModel".to_owned(), json!({"properties": document}));
    for content_type in CONTENT_TYPES {
        let answer = world.ask(did, "", content_type)?;
        let representation = String::from_utf8(answer.body)?;
        entry.insert(
            content_type.to_owned(),
            json!({
                "didDocumentDataModel": {"representationSpecificEntries": {}},
                "representation": representation,
                "didDocumentMetadata": given::member(&result, "didDocumentMetadata")?,
                "didResolutionMetadata": {"contentType": answer.content_type},
            }),
        );
    }
    let mut file = head(subjects);
    file.insert("supportedContentTypes".to_owned(), json!(CONTENT_TYPES));
    file.insert("dids".to_owned(), json!([did]));
    file.insert("didParameters".to_owned(), json!({}));
    file.insert(did.to_owned(), Value::Object(entry));
    Ok(Value::Object(file))
}

/// Executions, and which of them had which outcome.
#[derive(Default)]
struct Executions {
    outcomes: Map<String, Value>,
    executions: Vec<Value>,
}

impl Executions {
    fn add(&mut self, outcome: &str, execution: Value) {
        let list = self.outcomes.entry(outcome).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(json!(self.executions.len()));
        }
        self.executions.push(execution);
    }

    fn into_file(self, subjects: &Subjects) -> Value {
        let mut file = head(subjects);
        file.insert("expectedOutcomes".to_owned(), Value::Object(self.outcomes));
        file.insert("executions".to_owned(), Value::Array(self.executions));
        Value::Object(file)
    }
}

fn resolver(world: &World<'_>, subjects: &Subjects) -> Result<Value> {
    let mut made = Executions::default();
    let execution = |did: &str| -> Result<Value> {
        let result = ask(world, did, "", RESULT)?;
        Ok(json!({
            "function": "resolve",
            "input": {"did": did, "resolutionOptions": {}},
            "output": {
                "didDocument": given::member(&result, "didDocument")?,
                "didResolutionMetadata": metadata(given::member(&result, "didResolutionMetadata")?)?,
                "didDocumentMetadata": given::member(&result, "didDocumentMetadata")?,
            },
        }))
    };
    let mut resolved = execution(subjects.live.as_str())?;
    forget_content_type(&mut resolved);
    made.add("defaultOutcome", resolved);
    made.add("invalidDidErrorOutcome", execution(subjects.invalid)?);
    if let Some(absent) = &subjects.absent {
        made.add("notFoundErrorOutcome", execution(absent.as_str())?);
    }
    if let Some(ended) = &subjects.ended {
        let mut ended = execution(ended.as_str())?;
        forget_content_type(&mut ended);
        made.add("deactivatedOutcome", ended);
    }
    for (outcome, accept) in [
        ("defaultOutcome", "application/did+json"),
        ("defaultOutcome", "application/did+ld+json"),
        ("representationNotSupportedErrorOutcome", "application/did+cbor"),
    ] {
        made.add(outcome, representation(world, subjects, accept)?);
    }
    Ok(made.into_file(subjects))
}

/// `resolve` returns an abstract document: its media type is a matter of `resolveRepresentation`.
fn forget_content_type(execution: &mut Value) {
    let metadata = execution.pointer_mut("/output/didResolutionMetadata").and_then(Value::as_object_mut);
    if let Some(metadata) = metadata {
        metadata.remove("contentType");
    }
}

fn representation(world: &World<'_>, subjects: &Subjects, accept: &str) -> Result<Value> {
    let did = subjects.live.as_str();
    let answer = world.ask(did, "", accept)?;
    let (stream, metadata) = if answer.status == 200 {
        (String::from_utf8(answer.body)?, json!({"contentType": answer.content_type}))
    } else {
        let body: Value = serde_json::from_slice(&answer.body)?;
        (String::new(), metadata(given::member(&body, "didResolutionMetadata")?)?)
    };
    Ok(json!({
        "function": "resolveRepresentation",
        "input": {"did": did, "resolutionOptions": {"accept": accept}},
        "output": {"didDocumentStream": stream, "didResolutionMetadata": metadata, "didDocumentMetadata": {}},
    }))
}

fn dereferencer(world: &World<'_>, subjects: &Subjects) -> Result<Value> {
    let did = subjects.live.as_str();
    let result = ask(world, did, "", RESULT)?;
    let method = given::member(given::member(&result, "didDocument")?, "verificationMethod")?.get(0);
    let method = given::text_member(method.context("a document has a key")?, "id")?;
    let mut made = Executions::default();
    for (outcome, url) in [
        ("defaultOutcome", did.to_owned()),
        ("defaultOutcome", method.to_owned()),
        ("notFoundErrorOutcome", format!("{did}#nothing")),
        ("invalidDidUrlErrorOutcome", format!("did:{}#", subjects.method.to_uppercase())),
    ] {
        let encoded = url.replace('#', "%23").replace('?', "%3F");
        let result = ask(world, &encoded, "", DEREFERENCED)?;
        let stream = given::member(&result, "contentStream")?;
        let stream = if stream.is_null() { String::new() } else { stream.to_string() };
        made.add(
            outcome,
            json!({
                "function": "dereference",
                "input": {"didUrl": url, "dereferenceOptions": {}},
                "output": {
                    "dereferencingMetadata": metadata(given::member(&result, "dereferencingMetadata")?)?,
                    "contentStream": stream,
                    "contentMetadata": given::member(&result, "contentMetadata")?,
                },
            }),
        );
    }
    Ok(made.into_file(subjects))
}

fn ask(world: &World<'_>, target: &str, query: &str, accept: &str) -> Result<Value> {
    let answer = world.ask(target, query, accept)?;
    serde_json::from_slice(&answer.body).context("the answer is JSON")
}

/// The metadata, with the error as the word that the suite knows.
fn metadata(metadata: &Value) -> Result<Value> {
    let mut metadata = metadata.clone();
    if let Some(kind) = metadata.get("error").and_then(|error| error.get("type")?.as_str()) {
        let word = match kind.rsplit('#').next() {
            Some("INVALID_DID") => "invalidDid",
            Some("INVALID_DID_URL") => "invalidDidUrl",
            Some("NOT_FOUND") => "notFound",
            Some("REPRESENTATION_NOT_SUPPORTED") => "representationNotSupported",
            _ => bail!("the suite has no word for {kind}"),
        };
        if let Some(members) = metadata.as_object_mut() {
            members.insert("error".to_owned(), json!(word));
        }
    }
    Ok(metadata)
}
