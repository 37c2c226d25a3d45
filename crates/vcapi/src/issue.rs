//! `POST /issuers/{instance}/credentials/issue`.

use crate::{
    Call,
    body::Body,
    instance::{Instance, Listing, Suite},
    keep::{KeepError, Kept},
    need::Stop,
    problem::{self, Kind},
    related::Resources,
    secure::{self, Manner},
    settings::Mode,
    status_list,
};
use http::StatusCode;
use serde_json::{Map, Value, json};
use sinpyo_core::{
    document::VerificationRelationship::AssertionMethod,
    key::Entropy,
    vcdm::{self, Breach, CONTEXT_V1},
};
use sinpyo_proof::data_integrity::{ProofOptions, Transformation};
use sinpyo_selective::Pointer;
use sinpyo_web::problem::{Problem, Refusal};

const OPTIONS: [&str; 2] = ["mandatoryPointers", "credentialId"];
const DATA_INTEGRITY: [&str; 2] =
    ["https://w3id.org/security/data-integrity/v2", "https://w3id.org/security/data-integrity/v1"];

/// Issues what was sent, if it is sound and the instance is its issuer.
pub(crate) fn issue(call: &Call<'_>, mut body: Body, entropy: &mut dyn Entropy) -> Result<Value, Stop> {
    let instance = instance(call)?;
    let mut credential = body.object("credential")?;
    let options = body.options(&OPTIONS)?;
    body.finish()?;
    let mandatory = pointers(options.texts("mandatoryPointers")?, "mandatoryPointers")?;
    if !mandatory.is_empty() && !instance.suite().is_selective() {
        let detail = "the suite of this instance reveals everything";
        let problem = Kind::Request.problem("VCA-07", &detail); // [VCA-07]
        return Err(problem.at("/options/mandatoryPointers").into());
    }
    check(call, &credential, instance)?;
    // What is issued here carries the instance's proof alone.
    credential.remove("proof");
    add_proof_context(&mut credential, instance.suite());
    let kept_as = kept_as(call, options.text("credentialId")?)?;
    if call.settings.mode == Mode::Production && instance.suite() != Suite::VcJwt {
        refuse_inline_contexts(&credential)?;
    }
    if !is_transformed(instance.suite()) {
        // The suites over statements do the same on their own way.
        let statements = sinpyo_jsonld::to_rdf(&credential, &call.settings.contexts);
        statements.map_err(|error| secure::meaningless(&error).under("/credential"))?;
    }
    let options = ProofOptions { created: Some(call.now), ..ProofOptions::new(AssertionMethod) };
    let manner = Manner { options: &options, mandatory: &mandatory, contexts: &call.settings.contexts };
    let mut status = Value::Null;
    if instance.listing() != Listing::None {
        // What cannot be secured must not use up an entry.
        secure::secure(credential.clone(), instance, &manner, entropy).map_err(|p| p.under("/credential"))?;
        status = status_list::allocate(call, &mut credential, entropy)?;
    }
    let secured = secure::secure(credential, instance, &manner, entropy);
    let secured = secured.map_err(|problem| problem.under("/credential"))?;
    if let Some(id) = kept_as {
        keep(call, &id, &json!({"verifiableCredential": secured, "credentialStatus": status}))?;
    }
    Ok(json!({ "verifiableCredential": secured }))
}

/// The instance that the path names.
fn instance<'c>(call: &'c Call<'_>) -> Result<&'c Instance, Refusal> {
    let instance = call.instances.get(call.routed.part("instance"));
    instance.ok_or_else(|| {
        let problem = Kind::Absent.problem("VCA-13", &"there is no such instance"); // [VCA-13]
        problem.refuse(StatusCode::NOT_FOUND)
    })
}

/// Whether securing makes statements of the document, and so finds what has no meaning.
const fn is_transformed(suite: Suite) -> bool {
    match suite {
        Suite::DataIntegrity(suite) => !matches!(suite.transformation(), Transformation::Jcs),
        Suite::VcJwt => false,
    }
}

/// The pointers in the option `name`.
pub(crate) fn pointers(texts: Option<Vec<&str>>, name: &str) -> Result<Vec<Pointer>, Problem> {
    let parse = |(index, text): (usize, &&str)| {
        Pointer::parse(text).map_err(|error| {
            Kind::Request.problem(error.code(), &error).at(format!("/options/{name}/{index}"))
        })
    };
    texts.unwrap_or_default().iter().enumerate().map(parse).collect()
}

/// Everything that is wrong with the credential itself.
fn check(call: &Call<'_>, credential: &Map<String, Value>, instance: &Instance) -> Result<(), Refusal> {
    let breaches = vcdm::credential_breaches(credential, call.settings.data_model());
    let mut problems: Vec<_> = breaches.iter().map(|breach| broken(breach).under("/credential")).collect();
    let issuer = issuer(credential);
    if issuer.is_some_and(|issuer| issuer != instance.did().as_str()) {
        let detail = "the issuer is not the instance that is asked to issue";
        problems.push(Kind::Malformed.problem("VCA-05", &detail).at("/credential/issuer")); // [VCA-05]
    }
    let resources =
        Resources { contexts: &call.settings.contexts, early: call.settings.mode == Mode::Conformance };
    problems.extend(resources.check(credential).into_iter().map(|problem| problem.under("/credential")));
    problem::all(problems).map_or(Ok(()), Err)
}

/// Who the credential says its issuer is.
pub(crate) fn issuer(credential: &Map<String, Value>) -> Option<&str> {
    let issuer = credential.get("issuer")?;
    issuer.as_str().or_else(|| issuer.get("id")?.as_str())
}

/// A breach of the data model.
pub(crate) fn broken(breach: &Breach) -> Problem {
    let detail = format_args!("\"{}\" is missing or breaks the data model", breach.member);
    Kind::Malformed.problem(breach.rule.code(), &detail).at(breach.pointer.clone())
}

/// Gives a credential of the data model 1.1, whose context defines no Data Integrity proofs, the one that does.
fn add_proof_context(credential: &mut Map<String, Value>, suite: Suite) {
    let Some(contexts) = credential.get_mut("@context").and_then(Value::as_array_mut) else { return };
    let is_v1 = contexts.first().is_some_and(|first| first == CONTEXT_V1);
    let defines = contexts.iter().any(|context| DATA_INTEGRITY.iter().any(|known| context == known));
    if is_v1 && !defines && suite != Suite::VcJwt {
        contexts.extend(DATA_INTEGRITY.first().map(|url| json!(url)));
    }
}

/// Verifiers refuse documents that bring definitions of their own.
fn refuse_inline_contexts(credential: &Map<String, Value>) -> Result<(), Problem> {
    fn is_inline(value: &Value) -> bool {
        match value {
            Value::Object(members) => members.iter().any(|(name, value)| match (name.as_str(), value) {
                ("@context", Value::Array(contexts)) => contexts.iter().any(Value::is_object),
                ("@context", context) => context.is_object(),
                (_, value) => is_inline(value),
            }),
            Value::Array(values) => values.iter().any(is_inline),
            _ => false,
        }
    }
    let inline = credential.iter().any(|(name, value)| match (name.as_str(), value) {
        ("@context", Value::Array(contexts)) => contexts.iter().any(Value::is_object),
        (_, value) => is_inline(value),
    });
    if inline {
        let detail = "the document defines its own terms";
        return Err(Kind::Transformation.problem("DI-13", &detail).at("/credential/@context"));
    }
    Ok(())
}

/// The name under which the credential is to be kept, if nothing was kept under it.
fn kept_as(call: &Call<'_>, id: Option<&str>) -> Result<Option<String>, Stop> {
    let Some(id) = id else { return Ok(None) };
    let fine = (1..=512).contains(&id.len()) && !id.contains(|c: char| c.is_whitespace() || c.is_control());
    if !fine {
        let problem = Kind::Request.problem("VCA-04", &"the name is empty, too long or holds white space");
        return Err(problem.at("/options/credentialId").into());
    }
    match call.keep.credential(id) {
        Ok(Kept::Nothing) => Ok(Some(id.to_owned())),
        Ok(Kept::Credential(_) | Kept::Erased) => Err(taken().into()),
        Err(error) => Err(problem::failed(&error).into()),
    }
}

fn keep(call: &Call<'_>, id: &str, issued: &Value) -> Result<(), Stop> {
    call.keep.keep_credential(id, issued.to_string().as_bytes()).map_err(|error| match error {
        KeepError::Taken => taken().into(),
        failed @ KeepError::Failed(_) => problem::failed(&failed).into(),
    })
}

fn taken() -> Refusal {
    let problem = Kind::Request.problem("VCA-18", &"a credential was issued under this name"); // [VCA-18]
    problem.at("/options/credentialId").refuse(StatusCode::CONFLICT)
}
