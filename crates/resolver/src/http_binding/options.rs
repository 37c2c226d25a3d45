//! The target and options of a request.

use super::Problem;
use crate::web_location::percent_decoded;
use serde_json::Value;
use sinpyo_core::json;

/// Most options that are read; more are refused.
const MAX_OPTIONS: usize = 32;

/// Options beside the target, each a name and a decoded value.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Options(Vec<(String, String)>);

impl Options {
    /// Reads the query of a GET, without its `?`.
    ///
    /// # Errors
    /// An encoding is broken, or there are more than 32 options.
    pub fn from_query(query: &str) -> Result<Self, Problem> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let read = pairs.take(MAX_OPTIONS + 1).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((form_decoded(name)?, form_decoded(value)?))
        });
        Self::checked(read.collect())
    }

    /// Reads the body of a POST: an object of texts, numbers and truth values.
    ///
    /// # Errors
    /// The body is not strict JSON, another value, or holds more than 32 options.
    pub fn from_json(body: &[u8]) -> Result<Self, Problem> {
        let members = json::parse_object(body).map_err(|_| Problem::InvalidOptions)?; // [RES-10]
        let read = members.into_iter().take(MAX_OPTIONS + 1).map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            Value::Bool(_) | Value::Number(_) => Some((name, value.to_string())),
            _ => None,
        });
        Self::checked(read.collect())
    }

    fn checked(read: Option<Vec<(String, String)>>) -> Result<Self, Problem> {
        match read {
            Some(options) if options.len() <= MAX_OPTIONS => Ok(Self(options)),
            _ => Err(Problem::InvalidOptions), // [RES-10]
        }
    }

    /// The value of the first option called `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Options that a DID URL knows as parameters have the form that they have there.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let fine = self.0.iter().all(|(name, value)| match name.as_str() {
            "service" | "serviceType" | "hl" | "versionId" | "versionTime" | "versionNumber" => {
                value.is_ascii()
            }
            "relativeRef" => is_encoded(value),
            _ => true,
        });
        if fine { Ok(()) } else { Err(Problem::InvalidOptions) } // [RES-10]
    }

    /// What of the options is part of the target: the version always, the rest if the target is dereferenced.
    pub(super) fn for_target(&self, dereferencing: bool) -> Vec<(String, String)> {
        let part = |name: &str| dereferencing || name.starts_with("version");
        let part = self.0.iter().filter(|(name, _)| part(name));
        part.cloned().collect()
    }
}

/// Whether a relative reference writes what is not of a path in percent-encoding [DID Resolution §3].
fn is_encoded(reference: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&byte);
    reference.bytes().all(plain) && percent_decoded(reference).is_some()
}

/// `application/x-www-form-urlencoded`, decoded.
fn form_decoded(text: &str) -> Option<String> {
    String::from_utf8(percent_decoded(&text.replace('+', " "))?).ok()
}

/// The DID or DID URL of a path.
///
/// A client that encodes it encodes the colons too. One that writes the colons as they are encodes at most what would end
/// the path otherwise, so that `%3A` in it belongs to the DID, as that of a port does.
pub(super) fn decoded_target(path: &str) -> String {
    if path.starts_with("did:") {
        let mut text = path.replace("%23", "#");
        for encoded in ["%3F", "%3f"] {
            text = text.replacen(encoded, "?", 1);
        }
        return text;
    }
    // What is no text cannot be a DID either.
    percent_decoded(path).and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_decoded_once() {
        for (path, target) in [
            ("did:web:a.example%3A80", "did:web:a.example%3A80"),
            ("did%3Aweb%3Aa.example%253A80", "did:web:a.example%3A80"),
            ("did:key:z6Mk%23z6Mk", "did:key:z6Mk#z6Mk"),
            (
                "did%3Akey%3Az6Mk%3Fservice%3Da%26relativeRef%3D%252Fb",
                "did:key:z6Mk?service=a&relativeRef=%2Fb",
            ),
            ("not-a-did", "not-a-did"),
            ("%FF", ""),
            ("%", ""),
        ] {
            assert_eq!(decoded_target(path), target, "{path}");
        }
    }

    #[test]
    fn an_option_in_the_wrong_form_is_refused() {
        let check = |query: &str| Options::from_query(query).and_then(|options| options.check());
        assert_eq!(check("service=a&relativeRef=my%2520path%2Ffile&x=%EA%B9%80"), Ok(()));
        // The negative cases of the DID Resolution test suite.
        for value in ["my+path%2Ffile", "file%23section", "dir%2Fwith%3Fquery%3Dvalue", "%EA%B9%80", "a%25zz"]
        {
            assert_eq!(check(&format!("relativeRef={value}")), Err(Problem::InvalidOptions), "{value}");
        }
        for name in ["service", "serviceType", "hl", "versionId", "versionTime"] {
            assert_eq!(check(&format!("{name}=foo%E2%80%8Bbar")), Err(Problem::InvalidOptions), "{name}");
        }
        assert_eq!(check("a=%zz"), Err(Problem::InvalidOptions));
        assert_eq!(check(&"a=b&".repeat(10_000)), Err(Problem::InvalidOptions));
    }

    #[test]
    fn options_of_a_body_are_read_alike() {
        let options =
            Options::from_json(br#"{"accept":"application/did","versionNumber":2,"x":true}"#).unwrap();
        assert_eq!((options.get("versionNumber"), options.get("x")), (Some("2"), Some("true")));
        for body in ["", "[]", r#"{"a":{}}"#, r#"{"a":null}"#, r#"{"a":1,"a":2}"#] {
            assert_eq!(Options::from_json(body.as_bytes()), Err(Problem::InvalidOptions), "{body}");
        }
    }
}
