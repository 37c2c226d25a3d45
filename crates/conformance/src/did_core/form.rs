//! The form of the suite's files, and what DID Core requires of what is in them.

use crate::{expect, given};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};
use sinpyo_core::{did::Did, did::DidUrl, time::Timestamp};

const RELATIONSHIPS: [&str; 5] =
    ["authentication", "assertionMethod", "keyAgreement", "capabilityInvocation", "capabilityDelegation"];

/// Functions of a resolver, with the member of the input that they take, and that of the output that they give.
const FUNCTIONS: [(&str, &str, &str); 3] = [
    ("resolve", "did", "didDocument"),
    ("resolveRepresentation", "did", "didDocumentStream"),
    ("dereference", "didUrl", "contentStream"),
];

/// The error that an outcome stands for.
const OUTCOMES: [(&str, &str); 4] = [
    ("invalidDidErrorOutcome", "invalidDid"),
    ("invalidDidUrlErrorOutcome", "invalidDidUrl"),
    ("notFoundErrorOutcome", "notFound"),
    ("representationNotSupportedErrorOutcome", "representationNotSupported"),
];

/// The file has the form that its name announces.
pub(super) fn check(name: &str, file: &Value) -> Result<()> {
    for member in ["didMethod", "implementation", "implementer"] {
        given::text_member(file, member)?;
    }
    if name.starts_with("did-") { documents(file) } else { executions(file) }
}

fn documents(file: &Value) -> Result<()> {
    let content_types = given::array(given::member(file, "supportedContentTypes")?)?;
    file.get("didParameters").map(given::object).transpose()?;
    for did in given::array(given::member(file, "dids")?)? {
        let entry = given::member(file, did.as_str().context("a DID is text")?)?;
        given::object(given::member(given::member(entry, "didDocumentDataModel")?, "properties")?)?;
        for content_type in content_types {
            let produced = given::member(entry, content_type.as_str().context("a media type is text")?)?;
            given::member(produced, "didDocumentDataModel")?;
            let representation = given::text_member(produced, "representation")?;
            serde_json::from_str::<Map<String, Value>>(representation).context("the representation")?;
            given::member(produced, "didDocumentMetadata")?;
            given::member(produced, "didResolutionMetadata")?;
        }
    }
    Ok(())
}

fn executions(file: &Value) -> Result<()> {
    let executions = given::array(given::member(file, "executions")?)?;
    for execution in executions {
        let (input, output) = function(execution)?;
        given::text_member(given::member(execution, "input")?, input)?;
        ensure!(given::member(execution, "output")?.get(output).is_some(), "no {output}");
    }
    for (outcome, indexes) in given::object(given::member(file, "expectedOutcomes")?)? {
        for index in given::array(indexes)? {
            let index = usize::try_from(index.as_u64().context("an index is a number")?)?;
            let execution = executions.get(index).with_context(|| format!("{outcome} names no execution"))?;
            check_outcome(outcome, execution).with_context(|| format!("{outcome} {index}"))?;
        }
    }
    Ok(())
}

fn function(execution: &Value) -> Result<(&'static str, &'static str)> {
    let name = given::text_member(execution, "function")?;
    let function = FUNCTIONS.iter().find(|(known, _, _)| *known == name);
    let (_, input, output) = function.with_context(|| format!("the function {name} is not known"))?;
    Ok((input, output))
}

fn check_outcome(outcome: &str, execution: &Value) -> Result<()> {
    let output = given::member(execution, "output")?;
    let metadata = output.get("didResolutionMetadata").or_else(|| output.get("dereferencingMetadata"));
    let error = metadata.and_then(|metadata| metadata.get("error")?.as_str());
    match OUTCOMES.iter().find(|(name, _)| *name == outcome) {
        Some((_, stated)) => expect::same("error", &error, &Some(*stated)),
        None if matches!(outcome, "defaultOutcome" | "deactivatedOutcome") => {
            expect::same("error", &error, &None)
        }
        None => bail!("an outcome that is not known"),
    }
}

/// What the file holds keeps the rules of DID Core 1.0 §4, §6 and §7.
pub(super) fn check_core(name: &str, file: &Value) -> Result<()> {
    if !name.starts_with("did-") {
        return core_executions(file);
    }
    for did in given::array(given::member(file, "dids")?)? {
        let did = did.as_str().context("a DID is text")?;
        expect::same("method", given::text_member(file, "didMethod")?, &method_of(did)?)?;
        let entry = given::member(file, did)?;
        let properties = given::member(given::member(entry, "didDocumentDataModel")?, "properties")?;
        document(did, properties)?;
        for content_type in given::array(given::member(file, "supportedContentTypes")?)? {
            let content_type = content_type.as_str().context("a media type is text")?;
            let produced = given::member(entry, content_type)?;
            // §6.1: consuming what was produced gives the same document.
            let consumed: Value = serde_json::from_str(given::text_member(produced, "representation")?)?;
            expect::same("consumed document", &consumed, properties)?;
            let context = consumed.get("@context").and_then(|context| context.get(0)?.as_str());
            expect::same("first context", &context, &Some("https://www.w3.org/ns/did/v1"))?;
            let metadata = given::member(produced, "didResolutionMetadata")?;
            expect::same("contentType", given::text_member(metadata, "contentType")?, content_type)?;
            document_metadata(given::member(produced, "didDocumentMetadata")?)?;
        }
    }
    Ok(())
}

fn core_executions(file: &Value) -> Result<()> {
    for execution in given::array(given::member(file, "executions")?)? {
        let output = given::member(execution, "output")?;
        let (input, content) = function(execution)?;
        let metadata = output.get("didResolutionMetadata").or_else(|| output.get("dereferencingMetadata"));
        let failed = metadata.context("an output has metadata")?.get("error").is_some();
        let content = given::member(output, content)?;
        if failed {
            ensure!(content.is_null() || content == "", "an error with content");
            continue;
        }
        let target = given::text_member(given::member(execution, "input")?, input)?;
        target.parse::<DidUrl>().context("the target of a success")?;
        if given::text_member(execution, "function")? == "resolve" {
            let ended = given::member(output, "didDocumentMetadata")?.get("deactivated").is_some();
            ensure!(ended || content.is_object(), "a success without a document");
            if content.is_object() {
                document(target, content)?;
            }
        } else {
            let content: Value = serde_json::from_str(content.as_str().context("a stream is text")?)?;
            expect::same("id", given::text_member(&content, "id")?, target)?;
        }
        if let Some(metadata) = output.get("didDocumentMetadata") {
            document_metadata(metadata)?;
        }
    }
    Ok(())
}

fn method_of(did: &str) -> Result<String> {
    let parsed: Did = did.parse()?;
    Ok(format!("did:{}", parsed.method()))
}

/// DID Core 1.0 §5.
fn document(did: &str, document: &Value) -> Result<()> {
    expect::same("id", given::text_member(document, "id")?, did)?;
    let list = |name: &str| document.get(name).map_or(Ok(&[][..]), given::array);
    let mut names = Vec::new();
    for method in list("verificationMethod")? {
        let id = given::text_member(method, "id")?;
        id.parse::<DidUrl>().context("the name of a method")?;
        names.push(id);
        given::text_member(method, "controller")?.parse::<Did>().context("a controller")?;
        given::text_member(method, "type")?;
        let (jwk, multibase) = (method.get("publicKeyJwk"), method.get("publicKeyMultibase"));
        ensure!(jwk.is_some() != multibase.is_some(), "a method has its key in one form");
        ensure!(jwk.is_none_or(|jwk| jwk.get("d").is_none()), "a private key");
        ensure!(
            multibase.is_none_or(|key| key.as_str().is_some_and(|key| key.starts_with('z'))),
            "not base58btc"
        );
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    expect::same("different names of methods", &names.len(), &count)?;
    for relationship in RELATIONSHIPS {
        for entry in list(relationship)? {
            match entry {
                Value::String(name) => ensure!(names.contains(&name.as_str()), "{relationship} names {name}"),
                embedded => drop(given::text_member(embedded, "id")?),
            }
        }
    }
    for service in list("service")? {
        for member in ["id", "serviceEndpoint", "type"] {
            given::member(service, member)?;
        }
    }
    Ok(())
}

/// DID Core 1.0 §7.1.3: times are in UTC without fractions of a second, and names are text.
fn document_metadata(metadata: &Value) -> Result<()> {
    let metadata = given::object(metadata)?;
    for name in ["created", "updated", "nextUpdate"] {
        if let Some(time) = metadata.get(name) {
            let time = time.as_str().context("a time is text")?;
            expect::same(name, time.parse::<Timestamp>()?.to_string().as_str(), time)?;
        }
    }
    for name in ["versionId", "nextVersionId", "canonicalId"] {
        ensure!(metadata.get(name).is_none_or(Value::is_string), "{name} is text");
    }
    ensure!(metadata.get("deactivated").is_none_or(Value::is_boolean), "deactivated is a boolean");
    Ok(())
}
