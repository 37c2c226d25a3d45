//! The frame of our pages.

use crate::{call::Call, tenant::Tenant};
use http::{Response, StatusCode};
use sinpyo_core::accreditation::LocalizedName;
use sinpyo_web::{
    component::{Tone, heading, notice, plain_card},
    html::{Html, Tag, el},
    lang::{Say, say},
    page::{MenuItem, Page, Width, here},
    problem::Refusal,
};

const FOOT: Say = say(
    "이 화면은 요청한 항목만 받으며, 지갑에서 동의하기 전에는 아무것도 전달되지 않습니다.",
    "Only what is asked for is received, and nothing before you agree in your wallet.",
);

/// A page before it has a frame.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) title: Say,
    pub(crate) institution: &'a LocalizedName,
    pub(crate) main: Html,
    pub(crate) scripts: &'a [&'a str],
    pub(crate) menu: &'a [MenuItem<'a>],
    pub(crate) width: Width,
}

impl<'a> Frame<'a> {
    /// A page of `tenant` for citizens.
    pub(crate) fn of(tenant: &'a Tenant, title: Say, main: impl Into<Html>) -> Self {
        Self {
            title,
            institution: &tenant.name,
            main: main.into(),
            scripts: &[],
            menu: &[],
            width: Width::Column,
        }
    }

    /// The answer that carries it.
    pub(crate) fn answer(self, call: &Call<'_>, status: StatusCode) -> Response<Vec<u8>> {
        let lang = call.lang();
        let page = Page {
            lang,
            title: self.title.of(lang),
            institution: lang.of(self.institution),
            here: here(call.request.method(), call.request.uri()),
            menu: self.menu,
            main: self.main,
            footer: match self.width {
                Width::Column => el(Tag::P).with(FOOT.of(lang)).into(),
                Width::Desk => Html::new(),
            },
            scripts: self.scripts,
            width: self.width,
        };
        page.answer(status, &call.service.assets, call.service.settings.site.main().transport())
    }
}

/// A refusal, as a page.
pub(crate) fn refused(call: &Call<'_>, refusal: &Refusal) -> Response<Vec<u8>> {
    let lang = call.lang();
    let (title, text) = super::words::refusal(refusal.rule(), refusal.status());
    let main = Html::from(heading(title.of(lang), "")).and(plain_card(notice(Tone::Bad, text.of(lang))));
    let frame = Frame {
        title,
        institution: &call.service.settings.operator,
        main,
        scripts: &[],
        menu: &[],
        width: Width::Column,
    };
    let mut response = frame.answer(call, refusal.status());
    response.extensions_mut().insert(sinpyo_web::problem::RuleId(refusal.rule()));
    response
}
