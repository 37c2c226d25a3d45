//! The page of an offer: for the person whom it is for, who got its address.

use crate::{
    Call, Reply,
    feed::{Feed, words},
    house::House,
    offer::{self, Offer, Stage},
    shell::GONE,
};
use http::{Method, Response, StatusCode, header};
use sinpyo_core::time::Timestamp;
use sinpyo_state::Unavailable;
use sinpyo_web::{
    answer,
    component::{
        CredentialCard, Step, Tone, badge, card, code, details, heading, live, notice, plain_card, qr_card,
        steps, time,
    },
    href::Href,
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    qr::qr,
};

const TITLE: Say = say("자격증명 받기", "Receive a credential");

/// Answers a request for `{tenant}/offer/{rest}`.
pub(crate) fn answer(call: Call<'_>, house: &House, rest: &str) -> Result<Reply, Unavailable> {
    let (page, more) = rest.split_once('/').unwrap_or((rest, ""));
    if !matches!(call.parts.method, Method::GET | Method::HEAD) {
        let mut response = answer::empty(StatusCode::METHOD_NOT_ALLOWED);
        response.headers_mut().insert(header::ALLOW, sinpyo_web::route::allow(&["GET", "HEAD"]));
        return Ok(response.into());
    }
    let tenant = house.tenant.id();
    let Some((_, offer)) = offer::of_page(call.core, tenant, page, call.now)? else {
        return Ok(call.sorry(house, StatusCode::NOT_FOUND, GONE).into()); // [ISV-15]
    };
    match more {
        "" => {
            let stage = offer.stage(call.core, tenant, call.now)?;
            Ok(show(call, house, &offer, stage).into())
        }
        "events" => Feed::of_offer(call.core, (tenant, page), (call.lang(), call.peer), call.now),
        _ => Ok(call.sorry(house, StatusCode::NOT_FOUND, GONE).into()),
    }
}

fn show(call: Call<'_>, house: &House, offer: &Offer, stage: Stage) -> Response<Vec<u8>> {
    let lang = call.lang();
    let cards: Html = offer.configurations.iter().map(|(id, _)| credential(house, id, stage, lang)).collect();
    let lead = match stage {
        Stage::Open | Stage::Waiting => say(
            "지갑 앱으로 아래 자격증명을 받을 수 있습니다.",
            "You can receive this credential with your wallet app.",
        ),
        Stage::Issued | Stage::Withdrawn | Stage::Expired => say("", ""),
    };
    let head = Html::from(progress(stage, lang)).and(heading(TITLE.of(lang), lead.of(lang)));
    let main = match stage {
        Stage::Open | Stage::Waiting => head
            .and(invitation(call, house, offer, lang))
            .and(card(say("받을 자격증명", "What you receive").of(lang), cards)),
        Stage::Issued => head.and(notice(Tone::Good, words(stage).1.of(lang))).and(plain_card(cards)),
        Stage::Withdrawn | Stage::Expired => head.and(notice(Tone::Bad, words(stage).1.of(lang))),
    };
    call.page(house, StatusCode::OK, (TITLE, main))
}

fn progress(stage: Stage, lang: Lang) -> sinpyo_web::html::Element {
    let (first, second, third) = (
        say("안내 확인", "Offer").of(lang),
        say("지갑으로 받기", "Wallet").of(lang),
        say("완료", "Done").of(lang),
    );
    match stage {
        Stage::Issued => steps(&[Step::Done(first), Step::Done(second), Step::Done(third)]),
        _ => steps(&[Step::Done(first), Step::Now(second), Step::Later(third)]),
    }
}

fn invitation(call: Call<'_>, house: &House, offer: &Offer, lang: Lang) -> Html {
    let label = say("발급 안내 QR 코드", "QR code of the offer").of(lang);
    let caption =
        say("휴대전화의 지갑 앱으로 QR 코드를 찍으세요.", "Scan the QR code with the wallet on your phone.");
    let open = say("이 기기의 지갑에서 열기", "Open the wallet on this device").of(lang);
    let image = qr(&offer.link, label).unwrap_or_default();
    let link = Href::wallet(&offer.link).ok();
    let scan = qr_card(image, caption.of(lang), link.as_ref().map(|link| (link, open)));
    let events =
        Href::local(&format!("/{}/offer/{}/events?lang={}", house.tenant.id(), offer.page, lang.tag()));
    let stage = if offer.waits { Stage::Waiting } else { Stage::Open };
    let state = events.ok().map(|events| live(lang, &events, words(stage).1.of(lang)));
    let by_code = if offer.tx_code.is_some() { Some(TX_CODE) } else { None };
    let by_login = if offer.access.is_some() { Some(ACCESS) } else { None };
    let hints: Html =
        [by_code, by_login].into_iter().flatten().map(|hint| notice(Tone::Plain, hint.of(lang))).collect();
    let end = Timestamp::from_unix(offer.expires).unwrap_or(call.now);
    let end =
        el(Tag::P).class("faint").with(say("사용 기한 ", "Valid until ").of(lang)).with(time(end, lang));
    let paste = details(
        say("안내 주소 직접 붙여 넣기", "Paste the offer yourself").of(lang),
        code(lang, "offer-link", &offer.link),
    );
    Html::from(plain_card(Html::from(scan).and(state).and(end))).and(hints).and(paste)
}

const TX_CODE: Say = say(
    "지갑 앱에서 번호를 물으면, 기관이 문자나 창구에서 따로 알려 드린 번호를 넣으세요. 이 화면에는 나오지 않습니다.",
    "When your wallet asks for a code, type the one that the institution gave you separately, by message or at the counter. \
     It is not on this page.",
);
const ACCESS: Say = say(
    "본인 확인 화면이 열리면 기관에서 받은 접속 번호를 넣으세요.",
    "When the confirmation page opens, type the access code that the institution gave you.",
);

/// A credential as it is offered.
pub(crate) fn credential(house: &House, configuration: &str, stage: Stage, lang: Lang) -> Html {
    let Some((profile, format)) = house.kinds.get(configuration) else { return Html::new() };
    let state = match stage {
        Stage::Issued => badge(Tone::Good, say("담음", "In your wallet").of(lang)),
        _ => badge(Tone::Wait, say("받기 전", "Not received yet").of(lang)),
    };
    let card = CredentialCard {
        name: lang.of(profile.name()),
        issuer: lang.of(house.tenant.name()),
        logo: None,
        state: state.into(),
        href: None,
    };
    let form = el(Tag::P)
        .class("faint")
        .with(say("형식 ", "Format ").of(lang))
        .with(crate::identity::suffix(*format));
    Html::from(card).and(form)
}
