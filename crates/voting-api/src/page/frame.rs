//! The frame of our pages.

use crate::call::Call;
use http::{Response, StatusCode};
use sinpyo_voting::{manifest::Words, phase::Phase};
use sinpyo_web::{
    component::{Tone, heading, notice, plain_card},
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    page::{MenuItem, Page, Width, here},
    problem::{Refusal, RuleId},
};

const FOOT: Say = say(
    "이 화면의 모든 수치는 공개 기록에서 나오며, 누구나 직접 다시 계산할 수 있습니다.",
    "Everything shown here follows from the public record, and anybody can compute it again.",
);

/// A page before it has a frame.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) title: &'a str,
    pub(crate) main: Html,
    pub(crate) scripts: &'a [&'a str],
    pub(crate) menu: &'a [MenuItem<'a>],
    pub(crate) width: Width,
}

impl<'a> Frame<'a> {
    /// A page for everybody.
    pub(crate) fn of(title: &'a str, main: impl Into<Html>) -> Self {
        Self { title, main: main.into(), scripts: &[], menu: &[], width: Width::Column }
    }

    /// The answer that carries it.
    pub(crate) fn answer(self, call: &Call<'_>, status: StatusCode) -> Response<Vec<u8>> {
        let lang = call.lang();
        let page = Page {
            lang,
            title: self.title,
            institution: lang.of(&call.service.settings.operator),
            here: here(call.request.method(), call.request.uri()),
            menu: self.menu,
            main: self.main,
            footer: el(Tag::P).with(FOOT.of(lang)).into(),
            scripts: self.scripts,
            width: self.width,
        };
        page.answer(status, &call.service.assets, call.service.settings.site.main().transport())
    }
}

/// What words of a manifest say in a language, or in any.
pub(crate) fn words(words: &Words, lang: Lang) -> &str {
    words.get(lang.tag()).or_else(|| words.values().next()).map_or("", String::as_str)
}

/// What a phase is called.
pub(crate) const fn phase_name(phase: Phase) -> Say {
    match phase {
        Phase::Draft => say("공고됨", "Called"),
        Phase::Ceremony => say("열쇠 만들기", "Key ceremony"),
        Phase::Registration => say("유권자 등록", "Registration"),
        Phase::Frozen => say("명부 확정", "Roll frozen"),
        Phase::Open => say("투표 중", "Open"),
        Phase::Closed => say("투표 마감", "Closed"),
        Phase::Tallied => say("개표 완료", "Counted"),
        Phase::Archived => say("보존", "Archived"),
    }
}

/// A refusal, as a page.
pub(crate) fn refused(call: &Call<'_>, refusal: &Refusal) -> Response<Vec<u8>> {
    let lang = call.lang();
    let title = match refusal.status() {
        StatusCode::NOT_FOUND => say("찾을 수 없습니다", "Not found"),
        StatusCode::FORBIDDEN => say("할 수 없는 일입니다", "Not permitted"),
        StatusCode::CONFLICT => say("지금은 할 수 없습니다", "Not possible now"),
        StatusCode::TOO_MANY_REQUESTS => say("요청이 너무 많습니다", "Too many requests"),
        StatusCode::SERVICE_UNAVAILABLE => say("잠시 뒤 다시 시도해 주세요", "Please try again later"),
        _ => say("받아들일 수 없는 요청입니다", "The request is not acceptable"),
    };
    let members = refusal.to_json(call.service.settings.catalogue);
    let key = match lang {
        Lang::Ko => "detail_ko",
        Lang::En => "detail",
    };
    let text = members.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
    let text = format!("{text} ({})", refusal.rule());
    let main = Html::from(heading(title.of(lang), "")).and(plain_card(notice(Tone::Bad, text)));
    let mut response = Frame::of(title.of(lang), main).answer(call, refusal.status());
    response.extensions_mut().insert(RuleId(refusal.rule()));
    response
}
