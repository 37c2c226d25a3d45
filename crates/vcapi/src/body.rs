//! Bodies of requests: JSON objects whose members and options are all known.

use crate::problem::Kind;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};
use sinpyo_core::json;
use sinpyo_web::{
    body::is_json,
    problem::{Problem, Refusal},
};

/// The members that are not taken yet.
#[derive(Debug)]
pub(crate) struct Body(Map<String, Value>);

impl Body {
    /// Reads a body that says that it is JSON.
    pub(crate) fn parse(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, Refusal> {
        if !is_json(headers) {
            let problem = Kind::Request.problem("VCA-01", &"the body is not called application/json"); // [VCA-01]
            return Err(problem.refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let members = json::parse_object(bytes);
        members.map(Self).map_err(|error| Kind::Request.problem(error.code(), &error).at("").bad())
    }

    /// Takes the object that must stand at `name`.
    pub(crate) fn object(&mut self, name: &str) -> Result<Map<String, Value>, Problem> {
        match self.0.remove(name) {
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err(wrong(name, "is not an object")), // [VCA-04]
            None => Err(wrong(name, "is missing")),          // [VCA-04]
        }
    }

    /// Takes the object at `name`, or at `other`, by which some call it.
    pub(crate) fn either(
        &mut self,
        name: &'static str,
        other: &'static str,
    ) -> Result<(&'static str, Map<String, Value>), Problem> {
        let name = if !self.0.contains_key(name) && self.0.contains_key(other) { other } else { name };
        self.object(name).map(|object| (name, object))
    }

    /// Takes the text at `name`, if there is one.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "is not a text")), // [VCA-04]
        }
    }

    /// Takes the truth value that must stand at `name`.
    pub(crate) fn truth(&mut self, name: &str) -> Result<bool, Problem> {
        match self.0.remove(name) {
            Some(Value::Bool(truth)) => Ok(truth),
            _ => Err(wrong(name, "is not true or false")), // [VCA-04]
        }
    }

    /// Takes the options, of which none may be unknown.
    pub(crate) fn options(&mut self, known: &[&str]) -> Result<Options, Problem> {
        let members = match self.0.remove("options") {
            None => Map::new(),
            Some(Value::Object(members)) => members,
            Some(_) => return Err(wrong("options", "is not an object")), // [VCA-04]
        };
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(Options(members)),
            Some(name) => {
                let pointer = format!("/options/{}", escaped(name));
                Err(Kind::UnknownOption.problem("VCA-02", &"there is no such option").at(pointer)) // [VCA-02]
            }
        }
    }

    /// Refuses what nobody took.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(wrong(name, "has no meaning here")), // [VCA-04]
        }
    }
}

/// The options of a request.
#[derive(Debug)]
pub(crate) struct Options(Map<String, Value>);

impl Options {
    /// The text at `name`, if there is one.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(&format!("options/{name}"), "is not a text")),
        }
    }

    /// The texts of the list at `name`, if there is one.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<&str>>, Problem> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let texts = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        texts.map(Some).ok_or_else(|| wrong(&format!("options/{name}"), "is not a list of texts"))
    }
}

fn wrong(name: &str, what: &str) -> Problem {
    Kind::Request.problem("VCA-04", &format_args!("the member {what}")).at(format!("/{name}"))
}

/// A member's name as a part of a pointer [RFC 6901 §3].
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
