//! The frame around the pages of citizens.

use crate::{Call, house::House};
use http::{Response, StatusCode};
use sinpyo_web::{
    component::{Tone, heading, notice},
    form::Fields,
    html::Html,
    lang::{Lang, Say, say},
    page::{Page, Width, here},
};

impl Call<'_> {
    pub(crate) fn query(&self) -> Fields {
        Fields::of_query(self.parts.uri.query().unwrap_or_default()).unwrap_or_else(|_| Fields::none())
    }

    pub(crate) fn lang(&self) -> Lang {
        Lang::asked(&self.parts.uri, &self.parts.headers)
    }

    /// A page of the tenant's. Pages that answer a form have no other language.
    pub(crate) fn page(
        &self,
        house: &House,
        status: StatusCode,
        (title, main): (Say, Html),
    ) -> Response<Vec<u8>> {
        let lang = self.lang();
        let page = Page {
            lang,
            title: title.of(lang),
            institution: lang.of(house.tenant.name()),
            here: here(&self.parts.method, &self.parts.uri),
            menu: &[],
            main,
            footer: Html::new(),
            scripts: &["live.js", "copy.js"],
            width: Width::Column,
        };
        page.answer(status, &self.core.assets, self.core.transport())
    }

    /// A page that says why there is nothing to see.
    pub(crate) fn sorry(
        &self,
        house: &House,
        status: StatusCode,
        (title, why): (Say, Say),
    ) -> Response<Vec<u8>> {
        let lang = self.lang();
        let main = Html::from(heading(title.of(lang), "")).and(notice(Tone::Bad, why.of(lang)));
        self.page(house, status, (title, main))
    }
}

/// What a citizen reads who has come too late, or with a wrong address.
pub(crate) const GONE: (Say, Say) = (
    say("발급 안내를 찾을 수 없습니다", "This offer was not found"),
    say(
        "주소가 올바르지 않거나, 이미 끝났거나 취소된 안내입니다. 기관에 새로 요청해 주세요.",
        "The address is wrong, or the offer has ended or was withdrawn. Please ask the institution for a new one.",
    ),
);
