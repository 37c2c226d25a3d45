//! Names, claims and values in the reader's language.

use crate::present::Claimant;
use serde_json::Value;
use sinpyo_core::{
    accreditation::LocalizedName,
    claims::{ClaimPath, ClaimStep},
    credential::CredentialType,
};
use sinpyo_wallet::{Asker, Display, HeldCredential, Logo, LogoKind, Wallet};
use sinpyo_web::{
    href::{Picture, PictureKind},
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
};

/// Longest value that is shown, in characters.
const MAX_VALUE: usize = 400;
/// Deepest object that is taken apart.
const MAX_DEPTH: usize = 3;

const YES: Say = say("예", "yes");
const NO: Say = say("아니요", "no");

/// A name in the reader's language, or in the other one.
pub(crate) fn localized(name: &LocalizedName, lang: Lang) -> &str {
    let (first, second) = match lang {
        Lang::Ko => (&name.ko, &name.en),
        Lang::En => (&name.en, &name.ko),
    };
    if first.is_empty() { second } else { first }
}

/// What a credential is called: by its issuer, else by the end of its type.
pub(crate) fn name(display: Option<&Display>, kind: Option<&CredentialType>, lang: Lang) -> String {
    let published = display.map(|display| localized(display.name(), lang)).filter(|name| !name.is_empty());
    published.map_or_else(|| kind.map_or("", |kind| short(kind.as_str())).to_owned(), str::to_owned)
}

/// The last word of a URN or URL.
pub(crate) fn short(kind: &str) -> &str {
    kind.rsplit([':', '/', '#']).find(|part| !part.is_empty()).unwrap_or(kind)
}

/// Who issued it: the published name, and the proven one.
pub(crate) fn issuer(held: &HeldCredential, lang: Lang) -> (String, String) {
    let proven = held.credential().issuer().to_owned();
    let published =
        held.display().map(|display| localized(display.issuer(), lang)).filter(|name| !name.is_empty());
    (published.map_or_else(|| proven.clone(), str::to_owned), proven)
}

/// A logo inside of the page, for `<img>` only: there an SVG runs no script and loads nothing.
pub(crate) fn picture(logo: &Logo) -> Picture {
    let kind = match logo.kind() {
        LogoKind::Png => PictureKind::Png,
        LogoKind::Svg => PictureKind::Svg,
    };
    Picture::inline(kind, logo.bytes()) // [VCI-MET-10c]
}

/// The logo of a credential, if it has one.
pub(crate) fn logo(display: Option<&Display>) -> Option<Picture> {
    display.and_then(Display::logo).map(picture)
}

/// What a claim is called: by its issuer, else as the credential spells it.
pub(crate) fn label(display: Option<&Display>, path: &ClaimPath, lang: Lang) -> String {
    let published = display.and_then(|display| display.label(path)).map(|label| localized(label, lang));
    if let Some(label) = published.filter(|label| !label.is_empty()) {
        return label.to_owned();
    }
    let steps = path.steps().iter().filter_map(|step| match step {
        ClaimStep::Name(name) => Some(name.as_str()),
        _ => None,
    });
    // Namespaces of mdocs and the subject of W3C credentials say nothing to people.
    let steps: Vec<&str> = steps.collect();
    let own = match steps.as_slice() {
        ["credentialSubject", rest @ ..] if !rest.is_empty() => rest,
        [namespace, rest @ ..] if namespace.contains('.') && !rest.is_empty() => rest,
        all => all,
    };
    own.join(" · ")
}

/// What a claim says. Paths into a W3C credential begin at the document, and claims are those of its subject.
pub(crate) fn values(held: &HeldCredential, path: &ClaimPath, lang: Lang) -> Html {
    let claims = held.credential().claims();
    let own = match path.to_json() {
        Value::Array(steps) if steps.first().is_some_and(|step| step == "credentialSubject") => {
            ClaimPath::from_json(&steps.into_iter().skip(1).collect()).ok()
        }
        _ => None,
    };
    own.as_ref().unwrap_or(path).select(claims).into_iter().map(|found| value(found, lang)).collect()
}

/// A value as people read it.
pub(crate) fn value(value: &Value, lang: Lang) -> Html {
    let text = plain(value, lang, 0);
    let shown: String = text.chars().take(MAX_VALUE).collect();
    Html::foreign(&if shown.len() < text.len() { shown + "…" } else { shown })
}

fn plain(value: &Value, lang: Lang, depth: usize) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::Bool(true) => YES.of(lang).to_owned(),
        Value::Bool(false) => NO.of(lang).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => "…".to_owned(),
        Value::Array(list) => {
            list.iter().map(|item| plain(item, lang, depth + 1)).collect::<Vec<_>>().join(", ")
        }
        Value::Object(members) => {
            let pair = |(name, value): (&String, &Value)| format!("{name} {}", plain(value, lang, depth + 1));
            members.iter().map(pair).collect::<Vec<_>>().join(", ")
        }
    }
}

/// Host and port of an address.
pub(crate) fn host(address: &str) -> &str {
    address.split('/').nth(2).unwrap_or(address)
}

/// Who asked, for the history.
pub(crate) fn asker(asker: &Asker) -> String {
    match asker {
        Asker::Did(did) => did.to_string(),
        Asker::Host(name) | Asker::Attested(name) | Asker::Origin(name) => name.clone(),
        // What follows the host is of one request.
        Asker::Address(address) => host(address).to_owned(),
        other => other.to_string(),
    }
}

/// How somebody is known who is not registered, and how much that says.
pub(crate) fn claimant(claimant: &Claimant, lang: Lang) -> (String, &'static str) {
    let (name, how) = match claimant {
        Claimant::Address(address) => (
            host(address).to_owned(),
            say(
                "신원을 확인하지 못했습니다. 이 주소로 답이 간다는 것만 알 수 있습니다.",
                "Nothing is known about who asks, except that the answer goes to this address.",
            ),
        ),
        Claimant::Host(host) => (
            host.clone(),
            say(
                "이 인터넷 주소의 주인임을 인증서로 증명했습니다.",
                "Proven by a certificate to own this internet address.",
            ),
        ),
        Claimant::Certificate(hash) => (
            hash.clone(),
            say(
                "신뢰하는 인증기관의 인증서를 가졌습니다.",
                "Has a certificate of an authority that this wallet trusts.",
            ),
        ),
        Claimant::Did(did) => (
            did.to_string(),
            say(
                "이 식별자(DID)의 주인임을 서명으로 증명했습니다.",
                "Proven by signature to control this identifier (DID).",
            ),
        ),
        Claimant::Attested { name, by } => (
            format!("{name} ({by})"),
            say("신뢰하는 기관이 보증했습니다.", "Attested by somebody whom this wallet trusts."),
        ),
        Claimant::Origin(origin) => (
            origin.clone(),
            say("브라우저가 알려 준 웹페이지 주소입니다.", "The page's address, as the browser says."),
        ),
    };
    (name, how.of(lang))
}

/// A list of names, each kept apart.
pub(crate) fn list<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Html {
    let items: Html = names.into_iter().map(|name| el(Tag::LI).with(Html::foreign(name.as_ref()))).collect();
    el(Tag::UL).with(items).into()
}

/// The name by which the holder knows a type: that of a credential in the wallet, else the end of the type's name.
pub(crate) fn known_type(wallet: &Wallet, kind: &str, lang: Lang) -> String {
    let mut known = wallet.credentials().filter(|held| held.kind().is_some_and(|own| own.as_str() == kind));
    let named = known.find_map(|held| Some(name(Some(held.display()?), held.kind(), lang)));
    named.unwrap_or_else(|| short(kind).to_owned())
}
