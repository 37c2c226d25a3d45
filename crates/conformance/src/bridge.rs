//! `sinpyo-conformance bridge`: our operations for programs in other languages, which drive it as a child process.
//!
//! One JSON object a line comes in, `{"id":…,"op":"…","args":{…}}`; one goes out for each, in order: `{"id":…,"ok":{…}}`
//! or `{"id":…,"error":{"code":"…","message":"…"}}`. A code with a hyphen names the rule that refused; one without is a
//! fault of the request. Nothing that comes in ends the program before its input ends.
//!
//! Private keys go in and come out in clear: this is a tool for tests.

mod answer;
mod arguments;
mod keys;
mod os;
mod resolving;

mod data_integrity;
mod dcql;
mod jsonld;
mod mdoc;
mod sd_jwt;
mod status;
mod tokens;
mod webvh;

use answer::{Answer, Refusal};
use anyhow::Result;
use arguments::Arguments;
use serde_json::{Map, Value, json};
use sinpyo_core::json;
use std::{
    io::{BufRead, Write},
    panic::{AssertUnwindSafe, catch_unwind},
};

/// An operation.
type Operation = fn(&Arguments) -> Answer;

const OPERATIONS: [(&str, Operation); 25] = [
    ("rdf.canonicalize", jsonld::canonicalize_quads),
    ("jsonld.canonicalize", jsonld::canonicalize_document),
    ("key.generate", keys::generate),
    ("di.issue", data_integrity::issue),
    ("di.derive", data_integrity::derive),
    ("di.verify", data_integrity::verify),
    ("sdjwt.issue", sd_jwt::issue),
    ("sdjwt.present", sd_jwt::present),
    ("sdjwt.verify", sd_jwt::verify),
    ("vcjwt.issue", tokens::issue_credential),
    ("vcjwt.verify", tokens::verify_credential),
    ("vccose.issue", tokens::issue_message),
    ("vccose.verify", tokens::verify_message),
    ("vpjwt.issue", tokens::issue_presentation),
    ("vpjwt.verify", tokens::verify_presentation),
    ("mdoc.issue", mdoc::issue),
    ("mdoc.present", mdoc::present),
    ("mdoc.verify", mdoc::verify),
    ("webvh.create", webvh::create),
    ("webvh.update", webvh::update),
    ("webvh.deactivate", webvh::deactivate),
    ("webvh.resolve", webvh::resolve),
    ("status.bitstring", status::bitstring),
    ("status.token", status::token),
    ("dcql.matches", dcql::matches),
];

/// Answers every line of `input` until it ends.
///
/// # Errors
/// Input or output failed.
pub(crate) fn serve(input: impl BufRead, mut output: impl Write) -> Result<()> {
    for line in input.split(b'\n') {
        let line = line?;
        if !line.trim_ascii().is_empty() {
            writeln!(output, "{}", respond(&line))?;
            output.flush()?;
        }
    }
    Ok(())
}

/// The answer to one line.
fn respond(line: &[u8]) -> Value {
    let (id, outcome) = match json::parse_object(line) {
        Ok(request) => {
            let id = request.get("id").cloned().unwrap_or_default();
            (id, perform(request))
        }
        // What our own parser refuses may still say to which request the refusal belongs.
        Err(error) => {
            let request: Value = serde_json::from_slice(line).unwrap_or_default();
            (request.get("id").cloned().unwrap_or_default(), Err(error.into()))
        }
    };
    match outcome {
        Ok(answer) => json!({"id": id, "ok": answer}),
        Err(Refusal { code, message }) => json!({"id": id, "error": {"code": code, "message": message}}),
    }
}

fn perform(mut request: Map<String, Value>) -> Answer {
    let name = request.remove("op").unwrap_or_default();
    let operation = OPERATIONS.iter().find(|(known, _)| name == *known);
    let (_, operation) = operation.ok_or_else(|| Refusal::fault("OPERATION", "no such operation"))?;
    let arguments = Arguments::of(request.remove("args"))?;
    // A defect of ours is one failed request, and the caller's other requests go on.
    catch_unwind(AssertUnwindSafe(|| operation(&arguments)))
        .unwrap_or_else(|_| Err(Refusal::fault("PANIC", "the operation panicked")))
}

#[cfg(test)]
mod tests;
