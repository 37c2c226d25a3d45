//! Whose election it is: the accounts that see it at the desk.

use crate::{
    call::Call,
    desk::{edit::NotKept, form, local, noted, office, to, typed},
    dossier::Dossier,
    problem::{absent, unavailable},
};
use http::{Response, StatusCode};
use sinpyo_core::key::Entropy;
use sinpyo_state::OwnedChange;
use sinpyo_web::{
    account::LoggedIn,
    component::{Field, FormBox, Weight, card, details},
    html::{Html, Tag, el},
    lang::say,
    problem::Refusal,
};

/// Most accounts of an election.
const MOST: usize = 32;

/// The accounts, and a form for another one; nothing where all accounts see the election.
pub(super) fn sheet(call: &Call<'_>, who: &LoggedIn, dossier: &Dossier) -> Result<Html, Refusal> {
    if dossier.owners.is_empty() {
        return Ok(Html::new());
    }
    let lang = call.lang();
    let own: Html = dossier.owners.iter().map(|owner| el(Tag::LI).with(Html::foreign(owner))).collect();
    let add = FormBox {
        action: &local(&format!("{}/accounts", office(call)))?,
        token: &call.service.forms.token(&who.session),
        fields: Field::text("account", say("계정 이름", "Name of the account").of(lang)).html(lang),
        submit: say("계정 더하기", "Add the account").of(lang),
        weight: Weight::Secondary,
        beside: Html::new(),
    };
    let hint = say(
        "이 계정들만 이 선거를 보고 진행하며 명부를 읽습니다. 더한 계정은 뺄 수 없습니다.",
        "Only these accounts see this election, run it and read its roll. An account that was added stays.",
    );
    let main = Html::from(el(Tag::P).class("hint").with(hint.of(lang)))
        .and(el(Tag::UL).class("list").with(own))
        .and(details(say("다른 계정 더하기", "Add another account").of(lang), add));
    Ok(card(say("계정", "Accounts").of(lang), main).into())
}

/// `POST …/accounts`.
pub(in crate::desk) fn add(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let name = typed(&form(call, who)?, "account");
    let known = call.service.accounts().names(call.now).map_err(unavailable)?;
    if !known.contains(&name) {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "VTS-43", &"there is no such account")); // [VTS-43]
    }
    let edit = |dossier: &mut Dossier, _: &mut dyn Entropy| -> Result<Vec<OwnedChange>, NotKept> {
        // Without an owner all have it: one would take it from the others.
        if dossier.owners.is_empty() || dossier.owners.len() >= MOST {
            return Err(NotKept::Field("account"));
        }
        if !dossier.is_of(&name) {
            dossier.owners.push(name.clone());
        }
        Ok(Vec::new())
    };
    let kept = call.service.cabinet(call.now).change(&call.election()?, entropy, edit);
    kept.map_err(NotKept::into_refusal)?.ok_or_else(|| absent("VTS-03", "there is no such election"))?;
    noted(call, who, "account.added", entropy)?;
    to(&office(call))
}
