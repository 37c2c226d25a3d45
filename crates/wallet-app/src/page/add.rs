//! Where links are pasted and codes scanned.

use super::{Menu, View, path, trouble::Trouble};
use sinpyo_web::{
    component::{Field, FieldKind, FormBox, Weight, heading, plain_card},
    html::{Attr, Flag, Html, Tag, el},
    lang::{Lang, Say, say},
};

const TITLE: Say = say("받거나 제시하기", "Receive or show");
const LEAD: Say = say(
    "기관이 보여 준 링크나 요청 파일의 내용을 붙여 넣으세요. 무엇인지 먼저 보여 드리고, 동의하시기 전에는 아무것도 보내지 않습니다.",
    "Paste the link or the request that you were given. You will see what it is first; nothing is sent before you agree.",
);
const LINK: Say = say("링크 또는 요청", "Link or request");
const LINK_HINT: Say = say(
    "openid-credential-offer:// 나 openid4vp:// 로 시작하는 주소, 또는 요청 파일의 글자",
    "An address that begins with openid-credential-offer:// or openid4vp://, or the text of a request file",
);
const GO: Say = say("내용 보기", "See what it is");
const CAMERA: Say = say("카메라로 QR 코드 찍기", "Scan a QR code");
const PICTURE: Say = say("사진에서 QR 코드 읽기", "Read a QR code from a picture");
const FOUND: Say = say("QR 코드를 읽었습니다.", "The QR code was read.");
const NONE: Say = say("QR 코드를 찾지 못했습니다.", "No QR code was found.");

pub(crate) fn page(lang: Lang, token: &str, trouble: Option<&Trouble>) -> View {
    let link =
        Field { kind: FieldKind::Lines, hint: LINK_HINT.of(lang), ..Field::text("link", LINK.of(lang)) };
    let action = path("/add");
    // Shown by `scan.js` where the browser can read codes.
    let button = |name: &'static str, label: Say| {
        el(Tag::BUTTON)
            .class("button")
            .attr(Attr::TYPE, "button")
            .data("scan", name)
            .flag(Flag::Hidden)
            .with(label.of(lang))
    };
    let scan = Html::from(button("camera", CAMERA)).and(button("picture", PICTURE));
    let told = el(Tag::P)
        .class("hint")
        .attr(Attr::ROLE, "status")
        .data("scan-told", "")
        .data("found", FOUND.of(lang))
        .data("none", NONE.of(lang));
    let form = FormBox {
        action: &action,
        token,
        fields: link.html(lang).and(el(Tag::DIV).class("scan").with(scan).with(told)),
        submit: GO.of(lang),
        weight: Weight::Primary,
        beside: Html::new(),
    };
    let main = Html::from(heading(TITLE.of(lang), LEAD.of(lang)))
        .and(trouble.map(|trouble| trouble.html(lang)))
        .and(plain_card(form));
    View { scripts: &["scan.js"], ..View::new(TITLE.of(lang), Menu::Add, main) }
}
