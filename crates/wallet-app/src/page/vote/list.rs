//! The elections that the wallet knows.

use super::{said, view};
use crate::{
    page::{View, paragraph, path, press},
    vote::known,
};
use sinpyo_voting::voter::{Voter, VoterError};
use sinpyo_wallet::Wallet;
use sinpyo_web::{
    component::{
        Field, FieldKind, FormBox, Tone, Weight, actions, badge, card, heading, link_button, notice,
        plain_card,
    },
    html::{Attr, Flag, Html, Tag, el},
    lang::{Lang, Say, say},
};

const TITLE: Say = say("투표", "Votes");
const LEAD: Say = say(
    "선거 안내문의 QR 코드나 주소로 투표를 더하세요. 무엇을 골랐는지는 이 지갑에 남지 않습니다.",
    "Add an election by the QR code or address on its notice. What you choose is not kept in this wallet.",
);
const EMPTY: Say = say("아직 투표가 없습니다.", "No elections yet.");
const DAMAGED: Say =
    say("이 투표의 기록을 읽을 수 없습니다", "What the wallet kept of this election cannot be read");
const OPEN: Say = say("열기", "Open");
const FORGET: Say = say("지우기", "Forget");
const ADD: Say = say("투표 더하기", "Add an election");
const LINK: Say = say("링크 또는 QR 코드의 글자", "Link, or text of the QR code");
const LINK_HINT: Say = say(
    "sinpyo-vote: 로 시작하는 주소, 선거의 인터넷 주소, 또는 다른 기기에서 만든 확인용 QR 코드(sinpyo-vote-check:)",
    "An address that begins with sinpyo-vote:, the election's internet address, or the check code of another device (sinpyo-vote-check:)",
);
const GO: Say = say("내용 보기", "See what it is");
const CAMERA: Say = say("카메라로 QR 코드 찍기", "Scan a QR code");
const PICTURE: Say = say("사진에서 QR 코드 읽기", "Read a QR code from a picture");
const FOUND: Say = say("QR 코드를 읽었습니다.", "The QR code was read.");
const NONE: Say = say("QR 코드를 찾지 못했습니다.", "No QR code was found.");
const REALLY: Say = say("이 투표를 지갑에서 지울까요?", "Forget this election?");
const REALLY_LEAD: Say = say(
    "지우면 이 지갑으로는 다시 투표할 수 없고 영수증도 사라집니다. 이미 낸 표는 그대로 셉니다.",
    "You will not be able to vote again with this wallet, and your receipts are lost. A ballot that was cast still counts.",
);
const KEEP: Say = say("그대로 두기", "Keep it");

pub(crate) fn page(lang: Lang, token: &str, wallet: &Wallet) -> View {
    let items: Html = known(wallet).map(|(election, voter)| entry(lang, token, (election, voter))).collect();
    let main = Html::from(heading(TITLE.of(lang), LEAD.of(lang)));
    let main = if items.is_empty() {
        main.and(notice(Tone::Plain, EMPTY.of(lang)))
    } else {
        main.and(el(Tag::UL).class("list").with(items))
    };
    let view = view(lang, TITLE, main.and(card(ADD.of(lang), add(lang, token))));
    View { scripts: &["scan.js"], ..view }
}

fn entry(lang: Lang, token: &str, (election, voter): (&str, Result<Voter, VoterError>)) -> Html {
    let forget = link_button(Weight::Secondary, &path(&format!("/votes/{election}/forget")), FORGET.of(lang));
    let Ok(voter) = voter else {
        let content = paragraph(badge(Tone::Bad, DAMAGED.of(lang))).and(actions(forget));
        return el(Tag::LI).with(card(election, content)).into();
    };
    let (tone, state) = state(&voter);
    let open = press(&format!("/votes/{election}/open"), token, OPEN.of(lang), Weight::Secondary);
    let content = paragraph(badge(tone, state.of(lang))).and(open).and(actions(forget));
    el(Tag::LI).with(card(said(voter.title(), lang), content)).into()
}

fn state(voter: &Voter) -> (Tone, Say) {
    if voter.is_posting() {
        (Tone::Wait, say("보내는 중인 투표지가 있음", "A ballot is on its way"))
    } else if !voter.receipts().is_empty() {
        (Tone::Good, say("투표했음", "Voted"))
    } else if voter.is_registered() {
        (Tone::Good, say("등록됨", "Registered"))
    } else if voter.is_asking() {
        (Tone::Wait, say("등록 중", "Registering"))
    } else {
        (Tone::Plain, say("등록 안 함", "Not registered"))
    }
}

fn add(lang: Lang, token: &str) -> Html {
    let link =
        Field { kind: FieldKind::Lines, hint: LINK_HINT.of(lang), ..Field::text("link", LINK.of(lang)) };
    let action = path("/add");
    // Shown by `scan.js` where the browser can read codes.
    let button = |name: &'static str, label: Say| {
        let button = el(Tag::BUTTON).class("button").attr(Attr::TYPE, "button").data("scan", name);
        button.flag(Flag::Hidden).with(label.of(lang))
    };
    let told = el(Tag::P).class("hint").attr(Attr::ROLE, "status").data("scan-told", "");
    let told = told.data("found", FOUND.of(lang)).data("none", NONE.of(lang));
    let scan = Html::from(button("camera", CAMERA)).and(button("picture", PICTURE)).and(told);
    FormBox {
        action: &action,
        token,
        fields: link.html(lang).and(el(Tag::DIV).class("scan").with(scan)),
        submit: GO.of(lang),
        weight: Weight::Primary,
        beside: Html::new(),
    }
    .into()
}

/// Asks before it is gone; nothing if the wallet knows no such election.
pub(crate) fn forget(lang: Lang, token: &str, (wallet, election): (&Wallet, &str)) -> Option<View> {
    let (election, voter) = known(wallet).find(|(known, _)| *known == election)?;
    let action = path(&format!("/votes/{election}/forget"));
    let form = FormBox {
        action: &action,
        token,
        fields: paragraph(voter.map_or_else(|_| election.into(), |voter| said(voter.title(), lang))),
        submit: FORGET.of(lang),
        weight: Weight::Danger,
        beside: link_button(Weight::Secondary, &path("/votes"), KEEP.of(lang)).into(),
    };
    let main = Html::from(heading(REALLY.of(lang), REALLY_LEAD.of(lang))).and(plain_card(form));
    Some(view(lang, REALLY, main))
}
