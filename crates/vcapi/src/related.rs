//! Related resources: what a credential says about the bytes of other documents must be true when it is issued
//! [VCDM 2.0 §5.3].

use crate::problem::Kind;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use sinpyo_core::encoding::{Base, from_multibase};
use sinpyo_crypto::hash::{sha256, sha384, sha512};
use sinpyo_jsonld::Contexts;
use sinpyo_web::problem::Problem;

/// The data model's context as it was when its test suite took the digest that it expects.
const EARLY_CONTEXT: &[u8] = include_bytes!("../resources/credentials_v2_2024-07-20.jsonld");
const CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";

/// Which bytes stand under which URLs.
#[derive(Debug)]
pub(crate) struct Resources<'a> {
    pub(crate) contexts: &'a Contexts,
    /// Whether earlier editions count.
    pub(crate) early: bool,
}

impl Resources<'_> {
    /// The related resources of `credential` whose digests are malformed, or not those of the bytes that we know.
    ///
    /// Nothing is fetched: of other resources the issuer's own word is taken.
    pub(crate) fn check(&self, credential: &Map<String, Value>) -> Vec<Problem> {
        let resources = match credential.get("relatedResource") {
            Some(Value::Array(many)) => {
                many.iter().enumerate().map(|(i, one)| (format!("/{i}"), one)).collect()
            }
            Some(one) => vec![(String::new(), one)],
            None => Vec::new(),
        };
        let wrong = |(place, resource): (String, &Value)| {
            let name =
                ["digestSRI", "digestMultibase"].into_iter().find(|name| !self.fits(resource, name))?;
            let detail = "the digest is malformed, or not that of the resource";
            let place = format!("/relatedResource{place}/{name}");
            Some(Kind::Malformed.problem("VCA-06", &detail).at(place)) // [VCA-06]
        };
        resources.into_iter().filter_map(wrong).collect()
    }

    /// Whether the digest `name` of `resource`, if it has one, is that of one of the editions that we know.
    fn fits(&self, resource: &Value, name: &str) -> bool {
        let Some(digest) = resource.get(name) else { return true };
        let Some(digest) = digest.as_str() else { return false };
        let digests = if name == "digestSRI" { from_sri(digest) } else { from_multihash(digest) };
        let Some(digests) = digests else { return false };
        let url = resource.get("id").and_then(Value::as_str).unwrap_or_default();
        let mut editions: Vec<&[u8]> = self.contexts.get(url).into_iter().collect();
        if self.early && url == CONTEXT {
            editions.push(EARLY_CONTEXT);
        }
        editions.is_empty() || editions.iter().any(|bytes| digests.iter().all(|digest| digest.is_of(bytes)))
    }
}

/// A digest with its hash function.
enum Digest {
    Sha256(Vec<u8>),
    Sha384(Vec<u8>),
    Sha512(Vec<u8>),
}

impl Digest {
    fn is_of(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Sha256(digest) => *digest == sha256(bytes),
            Self::Sha384(digest) => *digest == sha384(bytes),
            Self::Sha512(digest) => *digest == sha512(bytes),
        }
    }

    fn is_whole(&self) -> bool {
        match self {
            Self::Sha256(digest) => digest.len() == 32,
            Self::Sha384(digest) => digest.len() == 48,
            Self::Sha512(digest) => digest.len() == 64,
        }
    }
}

/// The hashes of a Subresource Integrity text, all of which must be of known functions.
fn from_sri(text: &str) -> Option<Vec<Digest>> {
    let digests = text.split_ascii_whitespace().map(|one| {
        let (function, digest) = one.split_once('-')?;
        let digest = STANDARD.decode(digest).ok()?;
        let digest = match function {
            "sha256" => Digest::Sha256(digest),
            "sha384" => Digest::Sha384(digest),
            "sha512" => Digest::Sha512(digest),
            _ => return None,
        };
        digest.is_whole().then_some(digest)
    });
    let digests: Vec<_> = digests.collect::<Option<_>>()?;
    (!digests.is_empty()).then_some(digests)
}

/// The hash of a multibase text: a multihash, or the digest alone, whose length tells the function. The context digests of
/// the Recommendation are of the second form [VCDM 2.0 Appendix B.1].
fn from_multihash(text: &str) -> Option<Vec<Digest>> {
    let base = if text.starts_with('z') { Base::Base58Btc } else { Base::Base64Url };
    let bytes = from_multibase(base, text).ok()?;
    let digest = match bytes.as_slice() {
        [0x12, 32, digest @ ..] => Digest::Sha256(digest.to_vec()),
        [0x20, 48, digest @ ..] => Digest::Sha384(digest.to_vec()),
        [0x13, 64, digest @ ..] => Digest::Sha512(digest.to_vec()),
        digest if digest.len() == 32 => Digest::Sha256(digest.to_vec()),
        digest if digest.len() == 48 => Digest::Sha384(digest.to_vec()),
        digest if digest.len() == 64 => Digest::Sha512(digest.to_vec()),
        _ => return None,
    };
    digest.is_whole().then(|| vec![digest])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wrong(resource: &Value, early: bool) -> usize {
        let contexts = Contexts::bundled();
        let credential = json!({ "relatedResource": resource });
        Resources { contexts: &contexts, early }.check(credential.as_object().unwrap()).len()
    }

    #[test]
    fn a_digest_of_known_bytes_must_be_true() {
        // The digests of the Recommendation [VCDM 2.0 Appendix B.1], in two forms.
        let good = json!({"id": CONTEXT, "digestSRI": "sha256-WZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ="});
        assert_eq!(wrong(&good, false), 0);
        assert_eq!(wrong(&json!([good, good]), false), 0);
        let hex =
            json!({"id": CONTEXT, "digestMultibase": "uEiBZlVztZpfWHgPyslVv6-UwirFoQoRvW1htfx963sknNA"});
        assert_eq!(wrong(&hex, false), 0);
        let bare = json!({"id": CONTEXT, "digestMultibase": "uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ"});
        assert_eq!(wrong(&bare, false), 0);
        let early =
            json!({"id": CONTEXT, "digestSRI": format!("sha256-{}", STANDARD.encode(sha256(EARLY_CONTEXT)))});
        assert_eq!((wrong(&early, true), wrong(&early, false)), (0, 1));
        for digest in [
            json!("sha256-XZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ="),
            json!("sha256-AAAA"),
            json!("md5-AAAA"),
            json!(""),
            json!(7),
        ] {
            assert_eq!(wrong(&json!({"id": CONTEXT, "digestSRI": digest}), true), 1, "{digest}");
        }
        assert_eq!(wrong(&json!({"id": CONTEXT, "digestMultibase": "zQm"}), true), 1);
        let unknown = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert_eq!(wrong(&json!({"id": "https://a.example/x.png", "digestSRI": unknown}), false), 0);
    }
}
