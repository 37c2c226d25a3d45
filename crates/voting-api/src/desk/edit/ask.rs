//! Which facts a voter shows when registering: none, or membership and the right to vote.

use super::{Asked, sheet as form_of};
use crate::{
    call::Call,
    desk::typed,
    dossier::{Ask, Dossier},
};
use serde_json::Value;
use sinpyo_core::accreditation::ServiceCode;
use sinpyo_web::{
    account::LoggedIn,
    component::{Choice, Field, FieldKind, Tone, notice, plain_card},
    form::Fields,
    html::Html,
    lang::say,
    problem::Refusal,
    route::Need,
};

/// The credential of members of an association, and its claim about voting (K02).
const MEMBER: &str = "urn:sinpyo:credential:MembershipCredential";
const MEMBER_OF: &str = "member_of";
const VOTING: &str = "voting_member";

pub(super) fn sheet(
    call: &Call<'_>,
    who: &LoggedIn,
    (dossier, asked): (&Dossier, Asked<'_>),
) -> Result<Html, Refusal> {
    let lang = call.lang();
    let ask = dossier.ask.as_ref();
    let member_of = ask.and_then(|ask| ask.claims.iter().find(|(name, _)| name == MEMBER_OF));
    let member_of =
        member_of.and_then(|(_, value)| value.as_ref()).and_then(Value::as_str).unwrap_or_default();
    let choices = [
        Choice { value: "none", label: say("등록 코드만", "The code only").of(lang) },
        Choice {
            value: "member",
            label: say(
                "코드와 함께 소속과 투표권 (구성원 증명)",
                "The code, and membership with the right to vote",
            )
            .of(lang),
        },
    ];
    let kind = if ask.is_some() { "member" } else { "none" };
    let fields = [
        Field {
            kind: FieldKind::One(&choices),
            ..asked.field("kind", say("등록할 때 확인할 것", "What is checked when registering"), kind)
        },
        Field {
            need: Need::Optional,
            hint: say("원장에 등록된 요청 범위의 이름", "The registered scope of your requests").of(lang),
            ..asked.field(
                "service",
                say("서비스 코드", "Service code"),
                ask.map_or("", |ask| ask.service.as_str()),
            )
        },
        Field {
            need: Need::Optional,
            hint: say("비우면 어느 단체든", "Any, if it is left empty").of(lang),
            ..asked.field("member_of", say("소속 단체의 식별자", "Identifier of the organisation"), member_of)
        },
    ];
    let fields: Vec<&Field<'_>> = fields.iter().collect();
    let form = plain_card(form_of(call, who, (&fields, Html::new()), say("저장", "Save"))?);
    let cannot =
        call.service.settings.registrar.as_ref().is_none_or(|registrar| registrar.asks_as().is_none());
    let cannot = cannot.then(|| {
        let told = say(
            "이 서버는 아직 누구의 이름으로도 물을 수 없습니다. 운영자가 기관의 DID를 설정해야 합니다.",
            "This server cannot ask in anybody's name yet: its operator has to give it an organisation's DID.",
        );
        notice(Tone::Wait, told.of(lang))
    });
    Ok(Html::from(cannot.unwrap_or_else(|| {
        let told = say(
            "이름과 주소는 묻지 않습니다. 투표할 때는 아무것도 보이지 않습니다.",
            "No name and no address is asked for, and nothing at all when voting.",
        );
        notice(Tone::Plain, told.of(lang))
    }))
    .and(form))
}

/// What the form asks for; the field that cannot be taken.
pub(super) fn read(form: &Fields) -> Result<Option<Ask>, &'static str> {
    if form.text("kind") != Some("member") {
        return Ok(None);
    }
    let service = typed(form, "service");
    service.parse::<ServiceCode>().map_err(|_| "service")?;
    let member_of = typed(form, "member_of");
    if member_of.len() > 200 || member_of.contains(char::is_control) {
        return Err("member_of");
    }
    let member_of = (!member_of.is_empty()).then(|| Value::from(member_of));
    let claims = vec![(MEMBER_OF.to_owned(), member_of), (VOTING.to_owned(), Some(Value::Bool(true)))];
    Ok(Some(Ask { service, credential: MEMBER.to_owned(), claims }))
}
