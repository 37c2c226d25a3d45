//! How a request ended.

use super::{Menu, View, home, path};
use crate::{app::Entry, present::PresentOutcome};
use sinpyo_web::{
    component::{Weight, actions, code, heading, link_button, plain_card},
    html::Html,
    lang::{Lang, Say, say},
    qr::qr,
};

const SENT: Say = say("보여 주었습니다", "It was shown");
const SENT_LEAD: Say = say("요청한 곳이 답을 받았습니다.", "Who asked has received the answer.");
const BACK: Say = say("서비스로 돌아가기", "Back to the service");
const DECLINED: Say = say("거절했습니다", "You declined");
const SILENT: Say = say("아무것도 보내지 않았습니다.", "Nothing was sent.");
const TOLD: Say = say("거절했다는 것만 알렸습니다.", "Only the fact that you declined was told.");
const CARRIED: Say = say("답을 만들었습니다", "The answer is ready");
const CARRIED_LEAD: Say = say(
    "인터넷으로 보내지 않았습니다. 이 답을 파일이나 QR 코드로 요청한 곳에 건네세요. 요청한 곳만 쓸 수 있습니다.",
    "It was not sent. Hand it over as a file or QR code; only who asked can use it.",
);
const SAVE: Say = say("파일로 저장", "Save as a file");

/// Longest answer that is drawn as a QR code, in bytes: what cameras still read.
const MAX_QR: usize = 1200;

pub(crate) fn page(lang: Lang, (id, entry): (u64, &Entry), outcome: &PresentOutcome) -> View {
    let (title, lead) = match outcome {
        PresentOutcome::Sent(_) => (SENT, SENT_LEAD),
        PresentOutcome::Carried(_) => (CARRIED, CARRIED_LEAD),
        PresentOutcome::Declined => (DECLINED, SILENT),
        PresentOutcome::DeclinedAloud => (DECLINED, TOLD),
    };
    let content = match outcome {
        PresentOutcome::Carried(answer) => {
            let text = String::from_utf8_lossy(answer);
            let save = link_button(Weight::Primary, &path(&format!("/flows/{id}/answer")), SAVE.of(lang));
            let drawn = (text.len() <= MAX_QR).then(|| qr(&text, title.of(lang)).ok()).flatten();
            Html::from(plain_card(Html::from(drawn).and(code(lang, "answer", &text)).and(actions(save))))
        }
        _ => Html::new(),
    };
    let back = entry
        .leave
        .as_ref()
        .map(|_| actions(link_button(Weight::Primary, &path(&format!("/flows/{id}/leave")), BACK.of(lang))));
    let main = Html::from(heading(title.of(lang), lead.of(lang))).and(content).and(back).and(home(lang));
    View { scripts: &["copy.js"], ..View::new(title.of(lang), Menu::Add, main) }
}
