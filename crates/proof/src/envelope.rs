//! Enveloped credentials and presentations: JSON objects that are nothing but a signed text in a `data:` URL
//! [VCDM 2.0 §4.13, VC-JOSE-COSE §4].

use crate::{jws::Typ, profile::Profile, unverified::Wire};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    encoding::{from_base64, to_base64},
    vcdm::CONTEXT_V2,
};

/// What an envelope holds.
pub(crate) struct Enveloped {
    media: Media,
    pub(crate) content: Content,
}

/// The content of a `data:` URL.
pub(crate) enum Content {
    Text(String),
    Binary(Vec<u8>),
}

/// A media type that an envelope may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Media {
    SdJwt(Typ),
    Token,
    Cose,
}

/// The media types, as they stand in the URL before its parameters. What they hold must be of the same type.
const MEDIA: [(&str, Media); 7] = [
    ("application/vc+jwt", Media::Token),
    ("application/vp+jwt", Media::Token),
    ("application/vc+sd-jwt", Media::SdJwt(Typ::VC_SD_JWT)),
    ("application/vp+sd-jwt", Media::SdJwt(Typ::VP_SD_JWT)),
    ("application/dc+sd-jwt", Media::SdJwt(Typ::SD_JWT_VC)),
    ("application/vc+cose", Media::Cose),
    ("application/vp+cose", Media::Cose),
];

/// The general name of the first two, from before they had names of their own.
const EARLY_TOKEN: &str = "application/jwt";

impl Enveloped {
    /// Whether `wire`, parsed from the content, is what the envelope says.
    pub(crate) fn fits(&self, wire: &Wire) -> bool {
        match (self.media, wire) {
            (Media::Token, Wire::Token { .. }) | (Media::Cose, Wire::Cose(_)) => true,
            (Media::SdJwt(typ), Wire::SdJwt(parts)) => parts.issuer.typ() == typ,
            _ => false,
        }
    }
}

/// Whether `members` are an object of type `envelope`.
pub(crate) fn is_of_type(members: &Map<String, Value>, envelope: &str) -> bool {
    match members.get("type") {
        Some(Value::Array(types)) => types.iter().any(|kind| kind == envelope),
        kind => kind.is_some_and(|kind| kind == envelope),
    }
}

/// What `members` envelop; none if it is not of a kind that we know.
pub(crate) fn open(members: &Map<String, Value>, profile: &Profile) -> Option<Enveloped> {
    let (head, content) = members.get("id")?.as_str()?.strip_prefix("data:")?.split_once(',')?;
    let (name, encoding) =
        head.split_once(';').map_or((head, None), |(name, encoding)| (name, Some(encoding)));
    let media = match MEDIA.iter().find(|(known, _)| *known == name) {
        Some((_, media)) => *media,
        None if name == EARLY_TOKEN && profile.reads_legacy() => Media::Token,
        None => return None,
    };
    let content = match (media, encoding) {
        (Media::Token | Media::SdJwt(_), None) => Content::Text(content.to_owned()),
        (Media::Token | Media::SdJwt(_), Some("base64")) => {
            Content::Text(String::from_utf8(from_base64(content).ok()?).ok()?)
        }
        (Media::Cose, Some("base64")) => Content::Binary(from_base64(content).ok()?),
        _ => return None,
    };
    Some(Enveloped { media, content })
}

/// The envelope of `content`, of the type called `envelope`.
fn wrap(envelope: &str, media: &str, content: &str) -> Value {
    json!({"@context": CONTEXT_V2, "type": envelope, "id": format!("data:{media}{content}")})
}

/// `credential`, in any form in which it was issued, as a member of a presentation.
pub(crate) fn credential(wire: &[u8]) -> Value {
    const ENVELOPE: &str = "EnvelopedVerifiableCredential";
    match str::from_utf8(wire) {
        Err(_) => wrap(ENVELOPE, "application/vc+cose;base64,", &to_base64(wire)),
        Ok(text) if text.contains('~') => {
            let media = if is_sd_jwt_vc(text) { "application/dc+sd-jwt," } else { "application/vc+sd-jwt," };
            wrap(ENVELOPE, media, text)
        }
        Ok(text) => wrap(ENVELOPE, "application/vc+jwt,", text),
    }
}

fn is_sd_jwt_vc(text: &str) -> bool {
    crate::sd_jwt::Parts::parse(text.to_owned(), &[Typ::SD_JWT_VC]).is_ok()
}
