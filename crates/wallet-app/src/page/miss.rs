//! Why the wallet has no answer, for its holder: a verifier would learn from it what the holder has.

use super::words;
use crate::present::Inquiry;
use sinpyo_core::claims::ClaimPath;
use sinpyo_dcql::{CredentialQuery, Wanted};
use sinpyo_wallet::{Mismatch, Missed, Wallet};
use sinpyo_web::{
    component::{card, facts},
    html::Html,
    lang::{Lang, Say, say},
};

const REASON: Say = say("이유", "Why");
const TODO: Say = say("할 일", "What to do");

/// Why the wallet has no answer, and what to do about it.
pub(crate) fn miss(lang: Lang, missed: &Missed, inquiry: &Inquiry, wallet: &Wallet) -> Html {
    let query = inquiry.question().query().credential(missed.query.as_str());
    let kind = query.map(|query| kind(query, wallet, lang)).unwrap_or_default();
    let claim = |path: &ClaimPath| {
        let held = wallet.credentials().find(|held| words::name(held.display(), held.kind(), lang) == kind);
        words::label(held.and_then(sinpyo_wallet::HeldCredential::display), path, lang)
    };
    let (why, todo, about) = reason(&missed.miss);
    let about = about.map(|path| Html::from(" — ").and(Html::foreign(&claim(path))));
    let rows =
        [(REASON.of(lang), Html::from(why.of(lang)).and(about)), (TODO.of(lang), todo.of(lang).into())];
    card(Html::foreign(&kind), facts(rows)).into()
}

/// The reason, what to do, and the claim that it is about.
pub(super) const fn reason(miss: &Mismatch) -> (Say, Say, Option<&ClaimPath>) {
    match miss {
        Mismatch::NoCredential => (
            say("지갑에 이 자격증명이 없습니다.", "The wallet does not hold this credential."),
            say(
                "먼저 발급기관에서 받은 뒤 다시 요청받으세요.",
                "Have it issued first, then ask for the request again.",
            ),
            None,
        ),
        Mismatch::NotInForce => (
            say(
                "자격증명이 있지만 유효 기간이 지났거나 아직 시작되지 않았습니다.",
                "You have it, but it has expired or is not valid yet.",
            ),
            say("발급기관에서 새로 발급받으세요.", "Have it issued anew."),
            None,
        ),
        Mismatch::NotTrusted => (
            say(
                "자격증명이 있지만, 요청한 곳이 그 발급기관을 믿지 않습니다.",
                "You have it, but who asks does not trust its issuer.",
            ),
            say("요청한 곳이 어느 기관의 자격증명을 받는지 문의하세요.", "Ask which issuers are accepted."),
            None,
        ),
        Mismatch::NoClaim(path) => (
            say("자격증명에 요청한 항목이 없습니다.", "The credential does not say what is asked for."),
            say(
                "그 항목이 담긴 자격증명을 발급받거나 다른 방법이 있는지 문의하세요.",
                "Have one issued that says it, or ask for another way.",
            ),
            Some(path),
        ),
        Mismatch::OtherValue(path) => (
            say(
                "자격증명의 내용이 요청한 조건과 다릅니다.",
                "The credential says something else than is required.",
            ),
            say(
                "조건에 해당하지 않는 요청일 수 있습니다. 요청한 곳에 문의하세요.",
                "You may not meet the condition. Ask who asked.",
            ),
            Some(path),
        ),
        Mismatch::Withheld(path) => (
            say(
                "남에게 보이지 않기로 정해진 항목을 요청했습니다.",
                "It asks for something that is never to be shown.",
            ),
            say(
                "이 항목은 보여 줄 수 없습니다. 다른 방법이 있는지 문의하세요.",
                "This cannot be shown. Ask for another way.",
            ),
            Some(path),
        ),
        _ => (super::request::NO_MATCH, say("요청한 곳에 문의하세요.", "Ask who asked."), None),
    }
}

/// What a query is for, in the holder's words.
pub(crate) fn kind(query: &CredentialQuery, wallet: &Wallet, lang: Lang) -> String {
    let name = match &query.wanted {
        Wanted::SdJwtVc { types } => types.first().map(String::as_str),
        Wanted::Mdoc { doctype } => Some(doctype.as_str()),
        Wanted::JwtVc { types } | Wanted::LdpVc { types } => {
            types.first().and_then(|all| all.last()).map(String::as_str)
        }
        Wanted::Unknown { format, .. } => Some(format.as_str()),
    };
    words::known_type(wallet, name.unwrap_or_default(), lang)
}
