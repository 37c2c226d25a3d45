//! What is in the wallet.

use super::{Menu, View, history, paragraph, path, press, words};
use crate::need::Standing;
use sinpyo_core::{claims::ClaimPath, credential::Phase, time::Timestamp};
use sinpyo_dcql::Format;
use sinpyo_wallet::{HeldCredential, HeldId, Wallet};
use sinpyo_web::{
    component::{
        CredentialCard, Tone, Weight, actions, badge, card, details as more, facts, heading, link_button,
        notice, time,
    },
    html::{Attr, Element, Html, Tag, el},
    lang::{Lang, Say, say},
};
use std::collections::BTreeMap;

const TITLE: Say = say("내 자격증명", "My credentials");
const EMPTY: Say = say(
    "지갑이 비어 있습니다. 기관에서 받은 발급 제안 링크로 자격증명을 받아 보세요.",
    "The wallet is empty. Receive a credential with the link of an offer.",
);
const ADD: Say = say("받거나 제시하기", "Receive or show");
const ISSUER: Say = say("발급기관", "Issuer");
const SIGNED_BY: Say = say("서명으로 확인한 발급자", "Issuer, proven by signature");
const KIND: Say = say("종류", "Type");
const FORMAT: Say = say("형식", "Format");
const FROM: Say = say("유효 시작", "Valid from");
const UNTIL: Say = say("유효 끝", "Valid until");
const COPIES: Say = say("남은 사본", "Copies that nobody has seen");
const CLAIMS: Say = say("담긴 정보", "What it says");
const NEVER: Say = say("남에게 보이지 않음", "Never shown");
const SHOWN: Say = say("보여 준 곳", "Shown to");
const NOBODY: Say = say("아직 아무에게도 보여 주지 않았습니다.", "Nobody has seen it yet.");
const DETAILS: Say = say("기술 정보", "Technical details");
const DELETE: Say = say("지우기", "Delete");
const REALLY: Say = say("이 자격증명을 지울까요?", "Delete this credential?");
const REALLY_LEAD: Say = say(
    "지우면 되돌릴 수 없고, 다시 쓰려면 새로 발급받아야 합니다. 제시 기록은 남습니다.",
    "This cannot be undone; to use it again you must have it issued again. The history stays.",
);
const KEEP: Say = say("그대로 두기", "Keep it");
const CHECK: Say = say("지금 상태 확인", "Check its status now");
const UNREACHABLE: Say = say(
    "상태를 확인하지 못했습니다. 잠시 뒤 다시 시도하세요.",
    "The status could not be checked. Try again in a while.",
);

/// Copies of one credential: what says the same.
fn is_same(one: &HeldCredential, other: &HeldCredential) -> bool {
    let (one_is, other_is) = (one.credential(), other.credential());
    one.format() == other.format()
        && one_is.issuer() == other_is.issuer()
        && one_is.types() == other_is.types()
        && one_is.claims() == other_is.claims()
}

/// All copies of a credential.
pub(crate) fn copies(wallet: &Wallet, held: &HeldCredential) -> Vec<HeldId> {
    wallet.credentials().filter(|other| is_same(held, other)).map(HeldCredential::id).collect()
}

/// One copy of each credential, the latest first.
fn each(wallet: &Wallet) -> Vec<&HeldCredential> {
    let mut each: Vec<&HeldCredential> = Vec::new();
    for held in wallet.credentials() {
        if !each.iter().any(|known| is_same(known, held)) {
            each.push(held);
        }
    }
    each.reverse();
    each
}

fn state(held: &HeldCredential, standing: Option<Standing>, now: Timestamp, lang: Lang) -> Element {
    let (tone, word) = match (held.credential().validity().at(now), standing) {
        (Phase::NotYet, _) => (Tone::Wait, say("아직 유효하지 않음", "Not valid yet")),
        (Phase::Over, _) => (Tone::Bad, say("기간 만료", "Expired")),
        (Phase::Within, Some(Standing::Revoked)) => (Tone::Bad, say("폐지됨", "Revoked")),
        (Phase::Within, Some(Standing::Suspended)) => (Tone::Wait, say("정지됨", "Suspended")),
        (Phase::Within, Some(Standing::Good)) => (Tone::Good, say("유효 (확인함)", "Valid (checked)")),
        (Phase::Within, None) => (Tone::Good, say("유효 기간 안", "In its period")),
    };
    badge(tone, word.of(lang))
}

pub(crate) fn list(
    lang: Lang,
    token: &str,
    wallet: &Wallet,
    (standings, now): (&BTreeMap<HeldId, (Standing, Timestamp)>, Timestamp),
) -> View {
    let entry = |held: &HeldCredential| {
        let (name, issuer) = (words::name(held.display(), held.kind(), lang), words::issuer(held, lang).0);
        let standing = standings.get(&held.id()).map(|(standing, _)| *standing);
        let credential = CredentialCard {
            name: &name,
            issuer: &issuer,
            logo: words::logo(held.display()),
            state: state(held, standing, now, lang).into(),
            href: Some(path(&format!("/credentials/{}", held.id()))),
        };
        el(Tag::LI).with(Html::from(credential))
    };
    let all = each(wallet);
    let main = Html::from(heading(TITLE.of(lang), ""));
    let main = if all.is_empty() {
        main.and(notice(Tone::Plain, EMPTY.of(lang)))
    } else {
        main.and(el(Tag::UL).class("list").with(all.into_iter().map(entry).collect::<Html>()))
    };
    let add = link_button(Weight::Primary, &path("/add"), ADD.of(lang));
    let lock = press("/lock", token, say("잠그기", "Lock").of(lang), Weight::Secondary);
    View::new(TITLE.of(lang), Menu::Credentials, main.and(actions(add)).and(lock))
}

/// The name of a format, for those who look into it.
const fn format(format: Format) -> &'static str {
    match format {
        Format::SdJwtVc => "SD-JWT VC (dc+sd-jwt)",
        Format::Mdoc => "mdoc (ISO 18013-5)",
        Format::JwtVc => "W3C VC (JWT)",
        Format::LdpVc => "W3C VC (Data Integrity)",
    }
}

/// The credential's logo, under the name of the credential for those who do not see it.
fn sign(held: &HeldCredential, name: &str, lang: Lang) -> Option<Element> {
    let picture = words::logo(held.display())?;
    let text = match lang {
        Lang::Ko => format!("{name} 로고"),
        Lang::En => format!("Logo of {name}"),
    };
    let image = el(Tag::IMG).class("logo").src(&picture).attr(Attr::ALT, &text);
    Some(image.attr(Attr::WIDTH, "40").attr(Attr::HEIGHT, "40"))
}

/// A credential, and what it says of what it is.
pub(crate) fn details(
    lang: Lang,
    token: &str,
    (wallet, held): (&Wallet, &HeldCredential),
    (standing, is_unreachable, now): (Option<&(Standing, Timestamp)>, bool, Timestamp),
) -> View {
    let credential = held.credential();
    let (name, (issuer, proven)) =
        (words::name(held.display(), held.kind(), lang), words::issuer(held, lang));
    let validity = credential.validity();
    let own: Vec<HeldId> = copies(wallet, held);
    let fresh =
        own.iter().filter_map(|id| wallet.held(*id)).filter(|copy| copy.shown_to().is_empty()).count();
    let mut about: Vec<(&str, Html)> = vec![(ISSUER.of(lang), Html::foreign(&issuer))];
    about.extend(validity.from.map(|from| (FROM.of(lang), time(from, lang).into())));
    about.extend(validity.until.map(|until| (UNTIL.of(lang), time(until, lang).into())));
    about.push((COPIES.of(lang), format!("{fresh} / {}", own.len()).into()));
    let technical = facts([
        (SIGNED_BY.of(lang), Html::foreign(&proven)),
        (KIND.of(lang), Html::foreign(held.kind().map_or("", |kind| kind.as_str()))),
        (FORMAT.of(lang), format(held.format()).into()),
    ]);
    let check = (!credential.status().is_empty()).then(|| {
        press(&format!("/credentials/{}/check", held.id()), token, CHECK.of(lang), Weight::Secondary)
    });
    let standing = standing.map(|(standing, _)| *standing);
    let records =
        wallet.history().iter().rev().filter(|record| record.shown.iter().any(|one| own.contains(&one.held)));
    let records: Html = records.map(|record| history::entry(lang, wallet, record)).collect();
    let shown = if records.is_empty() { paragraph(NOBODY.of(lang)) } else { records };
    let delete =
        link_button(Weight::Danger, &path(&format!("/credentials/{}/delete", held.id())), DELETE.of(lang));
    let main = Html::from(heading(Html::foreign(&name), state(held, standing, now, lang)))
        .and(sign(held, &name, lang))
        .and(is_unreachable.then(|| notice(Tone::Wait, UNREACHABLE.of(lang))))
        .and(card(CLAIMS.of(lang), claims(held, lang)))
        .and(card(
            ISSUER.of(lang),
            Html::from(facts(about)).and(check).and(more(DETAILS.of(lang), technical)),
        ))
        .and(card(SHOWN.of(lang), shown))
        .and(actions(delete));
    View::new(name, Menu::Credentials, main)
}

/// The claims at the top, with their labels.
fn claims(held: &HeldCredential, lang: Lang) -> Element {
    let rows = held.credential().claims().iter().flat_map(|(name, value)| {
        let path = ClaimPath::name(name);
        match value.as_object() {
            // An mdoc's namespace, or a group of claims.
            Some(members) => {
                members.iter().map(|(member, value)| (path.clone().member(member), value)).collect::<Vec<_>>()
            }
            None => vec![(path, value)],
        }
    });
    facts(rows.map(|(path, value)| {
        let is_withheld = held.withheld().iter().any(|withheld| path.is_within(withheld));
        let never = is_withheld.then(|| badge(Tone::Plain, NEVER.of(lang)));
        (Html::foreign(&words::label(held.display(), &path, lang)), words::value(value, lang).and(never))
    }))
}

/// Asks before it is gone.
pub(crate) fn delete(lang: Lang, token: &str, (wallet, held): (&Wallet, &HeldCredential)) -> View {
    let name = words::name(held.display(), held.kind(), lang);
    let count = copies(wallet, held).len();
    let place = format!("/credentials/{}", held.id());
    let about = facts([
        (KIND.of(lang), Html::foreign(&name)),
        (ISSUER.of(lang), Html::foreign(&words::issuer(held, lang).0)),
        (say("사본", "Copies").of(lang), count.to_string().into()),
    ]);
    let action = path(&format!("{place}/delete"));
    let form = sinpyo_web::component::FormBox {
        action: &action,
        token,
        fields: Html::new(),
        submit: DELETE.of(lang),
        weight: Weight::Danger,
        beside: link_button(Weight::Secondary, &path(&place), KEEP.of(lang)).into(),
    };
    let main = Html::from(heading(REALLY.of(lang), REALLY_LEAD.of(lang)))
        .and(sinpyo_web::component::plain_card(Html::from(about).and(form)));
    View::new(REALLY.of(lang), Menu::Credentials, main)
}
