//! What a DID URL names within, or by way of, a DID document [DID Resolution §5].

use crate::{
    ResolvedJson, VersionError, VersionQuery, usable_document::absolute_id, web_location::percent_decoded,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::{Did, DidUrl},
    document::VerificationRelationship,
};

mod uri;

/// Parameters of a DID URL that mean something here. Others are for methods that we do not know.
const KNOWN: [&str; 7] =
    ["service", "serviceType", "relativeRef", "versionId", "versionTime", "versionNumber", "hl"];

/// A DID URL, taken apart: which document to resolve, and what to take from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    did: Did,
    version: VersionQuery,
    service: Option<String>,
    service_type: Option<String>,
    relative_ref: Option<String>,
    path: String,
    fragment: Option<String>,
}

/// What a DID URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The document.
    Document(Map<String, Value>),
    /// An object of the document: a verification method or a service.
    Object(Map<String, Value>),
    /// URLs of service endpoints, or of resources there; at least one.
    Urls(Vec<String>),
}

impl Target {
    /// Takes `url` apart. `more` are further parameters, decoded, that were given beside the URL.
    ///
    /// # Errors
    /// A parameter is given twice, is not ASCII, or is malformed.
    pub fn new(url: &DidUrl, more: &[(String, String)]) -> Result<Self, DereferenceError> {
        let mut parameters = Vec::new();
        for name in KNOWN {
            for value in url.parameter(name) {
                parameters.push((name, decoded(value).ok_or(DereferenceError::Parameter(name))?)); // [RES-10]
            }
            let more = more.iter().filter(|(other, _)| other == name);
            parameters.extend(more.map(|(_, value)| (name, value.clone())));
        }
        let version =
            VersionQuery::from_parameters(parameters.iter().map(|(name, value)| (*name, value.as_str())))
                .map_err(DereferenceError::Version)?;
        let one = |name: &'static str| {
            let mut values = parameters.iter().filter(|(other, _)| *other == name).map(|(_, value)| value);
            match (values.next(), values.next()) {
                (None, _) => Ok(None),
                (Some(value), None) if value.is_ascii() => Ok(Some(value.clone())),
                _ => Err(DereferenceError::Parameter(name)), // [RES-10]
            }
        };
        one("hl")?;
        Ok(Self {
            did: url.did(),
            version,
            service: one("service")?,
            service_type: one("serviceType")?,
            relative_ref: one("relativeRef")?,
            path: url.path().to_owned(),
            fragment: url.fragment().map(str::to_owned),
        })
    }

    /// The DID to resolve.
    pub const fn did(&self) -> &Did {
        &self.did
    }

    /// The version of it to resolve.
    pub const fn version(&self) -> &VersionQuery {
        &self.version
    }

    /// Whether the whole document is meant.
    pub const fn is_document(&self) -> bool {
        self.path.is_empty()
            && self.fragment.is_none()
            && self.service.is_none()
            && self.service_type.is_none()
            && self.relative_ref.is_none()
    }

    /// Takes from `resolved`, the document of [`Target::did`], what the URL names.
    ///
    /// # Errors
    /// There is no such thing, there are two, or it cannot be referred to.
    pub fn select(&self, resolved: &ResolvedJson) -> Result<Resource, DereferenceError> {
        let urls = if self.service.is_some() || self.service_type.is_some() {
            self.services(resolved)?
        } else if !self.path.is_empty() {
            vec![self.at_path(resolved)?]
        } else if self.relative_ref.is_some() {
            return Err(DereferenceError::Parameter("relativeRef")); // [RES-10]
        } else if let Some(fragment) = &self.fragment {
            return object(resolved, &format!("{}#{fragment}", self.did)).map(Resource::Object);
        } else {
            return Ok(Resource::Document(resolved.document().clone()));
        };
        let with_fragment = |url: String| match &self.fragment {
            None => Ok(url),
            Some(_) if url.contains('#') => Err(DereferenceError::Endpoint),
            Some(fragment) => Ok(format!("{url}#{fragment}")),
        };
        urls.into_iter().map(with_fragment).collect::<Result<_, _>>().map(Resource::Urls)
    }

    /// The endpoints of the selected services, or what the relative reference names there.
    fn services(&self, resolved: &ResolvedJson) -> Result<Vec<String>, DereferenceError> {
        let did = resolved.resolved().did();
        let meant = self.service.as_ref().map(|service| match service.as_bytes() {
            [b'#', ..] => format!("{did}{service}"),
            _ if service.contains(':') => service.clone(),
            _ => format!("{did}#{service}"),
        });
        let selected: Vec<&Value> = array(resolved.document(), "service")
            .iter()
            .filter(|service| meant.is_none() || absolute_id(service, did) == meant)
            .filter(|service| self.service_type.as_ref().is_none_or(|kind| has_type(service, kind)))
            .collect();
        if meant.is_some() && selected.len() > 1 {
            return Err(DereferenceError::Ambiguous); // [RES-07]
        }
        let endpoints = selected.iter().filter_map(|service| service.get("serviceEndpoint")).flat_map(texts);
        let urls = endpoints.map(|endpoint| match &self.relative_ref {
            Some(reference) => uri::resolve(endpoint, reference).ok_or(DereferenceError::RelativeRef), // [RES-09]
            None => Ok(endpoint.to_owned()),
        });
        let urls = urls.collect::<Result<Vec<_>, _>>()?;
        if urls.iter().any(|url| !uri::is_uri(url)) {
            return Err(DereferenceError::Endpoint); // [RES-08]
        }
        if urls.is_empty() { Err(DereferenceError::NotFound) } else { Ok(urls) } // [RES-06]
    }

    /// What a path names in a did:webvh: the presentation at `/whois`, or a file of the service `#files`.
    fn at_path(&self, resolved: &ResolvedJson) -> Result<String, DereferenceError> {
        let did = resolved.resolved().did();
        if did.method() != "webvh" {
            return Err(DereferenceError::NotFound); // [RES-06]
        }
        let (name, file) = if self.path == "/whois" { ("whois", None) } else { ("files", Some(&self.path)) };
        let service = object(resolved, &format!("{did}#{name}"))?;
        let endpoint = service.get("serviceEndpoint").and_then(Value::as_str);
        let endpoint = endpoint.filter(|url| uri::is_https(url)).ok_or(DereferenceError::Endpoint)?; // [RES-08]
        let Some(file) = file else { return Ok(endpoint.to_owned()) };
        if !uri::is_plain_path(file) || endpoint.contains(['?', '#']) {
            return Err(DereferenceError::RelativeRef); // [RES-09]
        }
        Ok(format!("{}{file}", endpoint.trim_end_matches('/')))
    }
}

/// The one object of the document that is called `id`, exactly.
fn object(resolved: &ResolvedJson, id: &str) -> Result<Map<String, Value>, DereferenceError> {
    let did = resolved.resolved().did();
    let places = VerificationRelationship::ALL.map(VerificationRelationship::name);
    let places = places.into_iter().chain(["verificationMethod", "service"]);
    let mut found = places
        .flat_map(|place| array(resolved.document(), place))
        .filter(|object| absolute_id(object, did).as_deref() == Some(id))
        .filter_map(Value::as_object);
    let object = found.next().ok_or(DereferenceError::NotFound)?; // [RES-06]
    if found.next().is_some() {
        return Err(DereferenceError::Ambiguous); // [RES-07]
    }
    let mut object = object.clone();
    object.insert("id".to_owned(), json!(id));
    if let (None, Some(context)) = (object.get("@context"), resolved.document().get("@context")) {
        object.insert("@context".to_owned(), context.clone());
    }
    Ok(object)
}

fn array<'a>(document: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    document.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn has_type(service: &Value, kind: &str) -> bool {
    service.get("type").is_some_and(|types| texts(types).any(|name| name == kind))
}

/// A text, or the texts of an array; objects are none.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let values = match value {
        Value::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    values.iter().filter_map(Value::as_str)
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(percent_decoded(text)?).ok()
}

/// Why a DID URL names nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DereferenceError {
    /// RES-10: a parameter is malformed or given twice.
    #[error("parameter \"{0}\" is malformed or given twice")]
    Parameter(&'static str),
    /// RES-10: the version asked for makes no sense.
    #[error("the version asked for makes no sense")]
    Version(#[source] VersionError),
    /// RES-06: the document holds no such thing.
    #[error("the document holds no such thing")]
    NotFound,
    /// RES-07: two things of the document have this name.
    #[error("two things of the document have this name")]
    Ambiguous,
    /// RES-08: the endpoint is no URL that can be handed on.
    #[error("the service endpoint is no URL that can be handed on")]
    Endpoint,
    /// RES-09: the reference leaves the endpoint's server, or is no relative reference.
    #[error("the reference leaves the service endpoint")]
    RelativeRef,
}

impl DereferenceError {
    /// The rule that was broken, as in `spec/checks/res.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Parameter(_) | Self::Version(_) => "RES-10",
            Self::NotFound => "RES-06",
            Self::Ambiguous => "RES-07",
            Self::Endpoint => "RES-08",
            Self::RelativeRef => "RES-09",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::did_web;

    const DID: &str = "did:web:a.example";

    fn resolved() -> ResolvedJson {
        let document = json!({
            "@context": "https://www.w3.org/ns/did/v1.1",
            "id": DID,
            "verificationMethod": [
                {"id": "#A", "type": "Multikey", "controller": DID, "publicKeyMultibase": "z6Mk"},
                {"id": "#twice", "type": "Multikey", "controller": DID},
                {"id": "did:web:a.example#twice", "type": "Multikey", "controller": DID},
                {"id": "did:web:b.example#foreign", "type": "Multikey", "controller": DID},
            ],
            "authentication": [{"id": "#embedded", "type": "Multikey", "controller": DID}, "#A"],
            "service": [
                {"id": "#files", "type": ["Files", "Other"], "serviceEndpoint": "https://files.example/d/e"},
                {"id": "#map", "type": "Map", "serviceEndpoint": {"uri": "https://x.example"}},
                {"id": "#many", "type": "Files", "serviceEndpoint": ["https://m.example/1", {}, "https://m.example/2"]},
                {"id": "#script", "type": "Script", "serviceEndpoint": "javascript:alert(1)"},
                {"id": "#header", "type": "Header", "serviceEndpoint": "https://h.example/\r\nSet-Cookie: a=b"},
                {"id": "#frag", "type": "Frag", "serviceEndpoint": "https://f.example/#x"},
            ],
        });
        did_web::document(&DID.parse().unwrap(), document.to_string().as_bytes()).unwrap()
    }

    fn select(rest: &str) -> Result<Resource, DereferenceError> {
        Target::new(&format!("{DID}{rest}").parse().unwrap(), &[])?.select(&resolved())
    }

    fn urls(rest: &str) -> Result<Vec<String>, DereferenceError> {
        select(rest).map(|resource| match resource {
            Resource::Urls(urls) => urls,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_fragment_names_the_object_of_exactly_this_name() {
        let Ok(Resource::Object(method)) = select("#A") else { panic!("a method") };
        assert_eq!(method.get("id"), Some(&json!("did:web:a.example#A")));
        assert_eq!(method.get("@context"), Some(&json!("https://www.w3.org/ns/did/v1.1")));
        assert!(matches!(select("#embedded"), Ok(Resource::Object(_))));
        assert!(matches!(select("#map"), Ok(Resource::Object(_))));
        assert!(matches!(select(""), Ok(Resource::Document(_))));
        for absent in ["#a", "#foreign", "#", "#%41", "#A%00"] {
            assert_eq!(select(absent), Err(DereferenceError::NotFound), "{absent}");
        }
    }

    #[test]
    fn a_name_that_two_objects_have_is_refused() {
        assert_eq!(select("#twice"), Err(DereferenceError::Ambiguous));
    }

    #[test]
    fn a_service_is_selected_by_name_or_type() {
        assert_eq!(urls("?service=files").unwrap(), ["https://files.example/d/e"]);
        assert_eq!(urls("?service=%23files").unwrap(), ["https://files.example/d/e"]);
        assert_eq!(urls("?service=did:web:a.example%23files").unwrap(), ["https://files.example/d/e"]);
        let all = ["https://files.example/d/e", "https://m.example/1", "https://m.example/2"];
        assert_eq!(urls("?serviceType=Files").unwrap(), all);
        assert_eq!(urls("?service=files&serviceType=Map"), Err(DereferenceError::NotFound));
        for absent in ["?service=Files", "?service=map", "?service=", "?serviceType=files"] {
            assert_eq!(urls(absent), Err(DereferenceError::NotFound), "{absent}");
        }
    }

    #[test]
    fn an_endpoint_that_is_no_plain_url_is_not_handed_on() {
        assert_eq!(urls("?service=script"), Err(DereferenceError::Endpoint));
        assert_eq!(urls("?service=header"), Err(DereferenceError::Endpoint));
        assert_eq!(urls("?service=frag#y"), Err(DereferenceError::Endpoint));
    }

    #[test]
    fn a_relative_reference_stays_on_the_server() {
        for (reference, url) in [
            ("%2Fmyresume%2Fdoc%3Fversion%3Dlatest", "https://files.example/myresume/doc?version=latest"),
            ("f", "https://files.example/d/f"),
            ("..%2F..%2F..%2Ff", "https://files.example/f"),
            ("", "https://files.example/d/e"),
        ] {
            assert_eq!(
                urls(&format!("?service=files&relativeRef={reference}")).unwrap(),
                [url],
                "{reference}"
            );
        }
        let with_fragment = urls("?service=files&relativeRef=%2Fa#intro").unwrap();
        assert_eq!(with_fragment, ["https://files.example/a#intro"]);
        for reference in [
            "%2F%2Fevil.example",
            "https:%2F%2Fevil.example",
            "javascript:x",
            "%5C%5Cevil.example",
            "a%23b",
            "a%20b",
            "a%0d",
        ] {
            let refused = urls(&format!("?service=files&relativeRef={reference}"));
            assert_eq!(refused, Err(DereferenceError::RelativeRef), "{reference}");
        }
    }

    #[test]
    fn a_parameter_given_twice_or_not_in_ascii_is_refused() {
        assert_eq!(select("?service=a&service=b"), Err(DereferenceError::Parameter("service")));
        assert_eq!(select("?service=%EA%B9%80"), Err(DereferenceError::Parameter("service")));
        assert_eq!(select("?relativeRef=%FF"), Err(DereferenceError::Parameter("relativeRef")));
        assert_eq!(select("?relativeRef=a"), Err(DereferenceError::Parameter("relativeRef")));
        assert_eq!(select("?hl=%EA%B9%80"), Err(DereferenceError::Parameter("hl")));
        assert!(matches!(select("?versionTime=now"), Err(DereferenceError::Version(_))));
        assert!(matches!(select("?unknown=%EA%B9%80"), Ok(Resource::Document(_))));
    }

    #[test]
    fn a_path_means_something_in_did_webvh_only() {
        assert_eq!(select("/whois"), Err(DereferenceError::NotFound));
    }
}
