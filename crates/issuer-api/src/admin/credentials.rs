//! What a tenant issued.

use super::{Desk, done, to};
use crate::issued::{self, Credential, Standing, StatusError, Verdict};
use http::{Response, StatusCode};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::Unavailable;
use sinpyo_web::{
    audit::LogWord,
    component::{
        Choice, Column, Field, FieldKind, Tone, Weight, badge, card, facts, hidden, notice, plain_card,
        table, time,
    },
    form::Fields,
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
};

const TITLE: Say = say("발급 목록", "Issued credentials");
const ONE: Say = say("자격증명", "Credential");
const SHOWN: usize = 100;

impl Desk<'_> {
    pub(super) fn credentials(&self) -> Result<Response<Vec<u8>>, Unavailable> {
        let lang = self.lang();
        let columns = [
            Column::Head(say("번호", "Id").of(lang)),
            Column::Plain(say("자격증명", "Credential").of(lang)),
            Column::Plain(say("상태", "Status").of(lang)),
            Column::Plain(say("발급일", "Issued").of(lang)),
            Column::Number(say("사본", "Copies").of(lang)),
        ];
        let found = issued::list(self.call.core, self.tenant(), (None, SHOWN), self.call.now)?;
        let row = |(id, one): &(String, Credential)| -> Vec<Html> {
            vec![
                self.link(&format!("credentials/{id}"), el(Tag::CODE).with(id.as_str())),
                self.kind(one).into(),
                state(one.state, lang),
                Html::new().and(Timestamp::from_unix(one.first).map(|at| time(at, lang))),
                one.copies.to_string().into(),
            ]
        };
        let caption = say("최근 발급", "Issued lately").of(lang);
        let listed = plain_card(table(caption, &columns, found.iter().map(row)));
        Ok(self.page(StatusCode::OK, TITLE, Html::new().and(done(self.call)).and(listed)))
    }

    fn kind<'c>(&'c self, one: &'c Credential) -> &'c str {
        let known = self.house.kinds.get(&one.configuration);
        known.map_or(one.profile.as_str(), |(profile, _)| self.lang().of(profile.name()))
    }

    pub(super) fn credential(&self, id: &str) -> Result<Response<Vec<u8>>, Unavailable> {
        self.show(id, (StatusCode::OK, done(self.call)))
    }

    fn show(
        &self,
        id: &str,
        (status, said): (StatusCode, Option<Html>),
    ) -> Result<Response<Vec<u8>>, Unavailable> {
        let lang = self.lang();
        let Some((one, _)) = issued::find(self.call.core, self.tenant(), id, self.call.now)? else {
            return Ok(self.page(StatusCode::NOT_FOUND, super::NOWHERE, Html::new()));
        };
        let moment = |seconds| Html::new().and(Timestamp::from_unix(seconds).map(|at| time(at, lang)));
        let about = facts([
            (say("번호", "Id").of(lang), Html::from(el(Tag::CODE).with(id))),
            (say("종류", "Type").of(lang), self.kind(&one).into()),
            (say("형식", "Configuration").of(lang), one.configuration.as_str().into()),
            (say("상태", "Status").of(lang), state(one.state, lang)),
            (say("사유", "Reason").of(lang), one.reason.as_deref().unwrap_or("-").into()),
            (say("발급 안내", "Offer").of(lang), el(Tag::CODE).with(one.offer.as_str()).into()),
            (say("처음 발급", "First issued").of(lang), moment(one.first)),
            (say("마지막 발급", "Last issued").of(lang), moment(one.last)),
            (say("사본", "Copies").of(lang), one.copies.to_string().into()),
            (say("지갑의 응답", "The wallet said").of(lang), one.told.as_deref().unwrap_or("-").into()),
        ]);
        let main = Html::new().and(said).and(plain_card(about)).and(self.decisions(id, &one));
        Ok(self.page(status, ONE, main))
    }

    fn decisions(&self, id: &str, one: &Credential) -> Html {
        let lang = self.lang();
        if one.places.is_empty() {
            let none = say(
                "이 자격증명은 유효 기간이 짧아 폐지 목록이 없습니다.",
                "Credentials of this kind end soon and have no status.",
            );
            return notice(Tone::Plain, none.of(lang)).into();
        }
        let states: &[(Standing, Say, Weight)] = match one.state {
            Standing::Valid => &[
                (Standing::Suspended, say("정지", "Suspend"), Weight::Secondary),
                (Standing::Revoked, say("폐지", "Revoke"), Weight::Danger),
            ],
            Standing::Suspended => &[
                (Standing::Valid, say("정지 해제", "Reinstate"), Weight::Secondary),
                (Standing::Revoked, say("폐지", "Revoke"), Weight::Danger),
            ],
            Standing::Revoked => &[],
        };
        let choices = [
            Choice { value: "lost-device", label: say("휴대전화 분실", "Lost device").of(lang) },
            Choice { value: "data-changed", label: say("정보 변경", "Data changed").of(lang) },
            Choice { value: "right-ended", label: say("자격 종료", "The right has ended").of(lang) },
            Choice { value: "issued-in-error", label: say("잘못 발급", "Issued in error").of(lang) },
            Choice { value: "other", label: say("그 밖", "Other").of(lang) },
        ];
        let forms = states.iter().map(|(state, label, weight)| {
            let kind = FieldKind::One(&choices);
            let name = format!("reason-{}", state.name());
            let reason = Field { kind, ..Field::text(&name, say("사유", "Reason").of(lang)) };
            let reason = (*state != Standing::Valid).then(|| reason.html(lang));
            let fields = Html::from(hidden("status", state.name())).and(reason);
            card(label.of(lang), self.button(&format!("credentials/{id}/status"), (*label, *weight), fields))
        });
        let forms: Html = forms.map(Html::from).collect();
        if one.state == Standing::Revoked {
            return notice(
                Tone::Plain,
                say("폐지한 자격증명은 되돌릴 수 없습니다.", "A revoked credential stays revoked.").of(lang),
            )
            .into();
        }
        el(Tag::DIV).class("beside").with(forms).into()
    }

    pub(super) fn judge(
        &self,
        id: &str,
        form: &Fields,
        entropy: &mut dyn Entropy,
    ) -> Result<Response<Vec<u8>>, Unavailable> {
        let Some(state) = form.text("status").and_then(Standing::parse) else {
            return self.show(id, (StatusCode::BAD_REQUEST, None));
        };
        let reason = form.text(&format!("reason-{}", state.name()));
        let reason = reason.and_then(|word| LogWord::parse(word).ok());
        let verdict = Verdict { id, state, reason };
        match issued::judge(self.call.core, &self.house, &verdict, &self.actor(), self.call.now, entropy) {
            Ok(_) => Ok(to(self.call, &self.path(&format!("credentials/{id}?done={}", state.name())))),
            Err(StatusError::Unavailable(error)) => Err(error),
            Err(_) => {
                let why = say("상태를 바꿀 수 없습니다.", "The status cannot be changed so.").of(self.lang());
                self.show(id, (StatusCode::CONFLICT, Some(notice(Tone::Bad, why).into())))
            }
        }
    }
}

fn state(standing: Standing, lang: Lang) -> Html {
    let (tone, word) = match standing {
        Standing::Valid => (Tone::Good, say("유효", "Valid")),
        Standing::Suspended => (Tone::Wait, say("정지", "Suspended")),
        Standing::Revoked => (Tone::Bad, say("폐지", "Revoked")),
    };
    badge(tone, word.of(lang)).into()
}
