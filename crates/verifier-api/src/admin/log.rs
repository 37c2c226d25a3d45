//! The log, and who is told.

use super::{form, page};
use crate::{
    call::Call,
    manage::{read_hook, register_hook},
    problem::unavailable,
};
use http::Response;
use serde_json::Value;
use sinpyo_core::{json::parse_object, key::Entropy};
use sinpyo_state::Unavailable;
use sinpyo_web::{
    account::LoggedIn,
    audit::Log,
    component::{
        Column, Field, FormBox, Weight, actions, card, code, heading, input_errors, link_button, plain_card,
        table,
    },
    form::percent_encoded,
    href::Href,
    html::{Html, Tag, el},
    lang::{Say, say},
    problem::Refusal,
};

const AUDIT: Say = say("감사 기록", "Audit log");
const HOOKS: Say = say("웹훅", "Webhooks");
const DEAD: Say = say("전달하지 못한 알림", "Notices that nobody took");
const OLDER: Say = say("이전 기록", "Older lines");
const PAGE: usize = 100;

/// What happened on the page of webhooks.
pub(super) enum Done<'d> {
    /// The address was no good.
    Wrong(&'d str),
    /// It is registered with this secret.
    Added(&'d str),
}

pub(super) fn audit(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let lang = call.lang();
    let query = call.query()?;
    let after = query.text("after").filter(|after| after.len() <= 64);
    let log = Log { state: call.world.state, owner: tenant.id.as_str() };
    let entries = log.newest(after, PAGE, call.world.now).map_err(unavailable)?;
    let columns = [
        Column::Head(say("때", "When").of(lang)),
        Column::Plain(say("누가", "Who").of(lang)),
        Column::Plain(say("무엇을", "What").of(lang)),
        Column::Plain(say("대상", "To what").of(lang)),
        Column::Plain(say("거부한 규칙", "Rule that refused").of(lang)),
    ];
    let rows = entries.iter().map(|entry| {
        let line = parse_object(entry.line.as_bytes()).unwrap_or_default();
        let cell = |name: &str| Html::foreign(line.get(name).and_then(Value::as_str).unwrap_or_default());
        vec![cell("at"), cell("who"), cell("did"), el(Tag::CODE).with(cell("id")).into(), cell("refused")]
    });
    let listed = table(AUDIT.of(lang), &columns, rows.collect::<Vec<_>>());
    let is_full = entries.len() == PAGE;
    let older = entries.last().filter(|_| is_full).and_then(|entry| {
        let path = format!("/admin/{}/audit?after={}", tenant.id, percent_encoded(&entry.id));
        Some(actions(link_button(Weight::Secondary, &Href::local(&path).ok()?, OLDER.of(lang))))
    });
    let main = Html::from(heading(AUDIT.of(lang), "")).and(plain_card(listed)).and(older);
    page(call, AUDIT, Some(&tenant), main)
}

pub(super) fn hooks(
    call: &Call<'_>,
    who: &LoggedIn,
    done: Option<&Done<'_>>,
) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let lang = call.lang();
    let hooks = call.service.webhooks(call.world.state);
    let listed = hooks.list(tenant.id.as_str(), call.world.now).map_err(unavailable)?;
    let columns = [Column::Head("URL"), Column::Plain(say("등록", "Since").of(lang)), Column::Plain("id")];
    let rows = listed.iter().map(|hook| {
        vec![Html::foreign(hook.url.as_str()), hook.since.to_string().into(), hook.id.as_str().into()]
    });
    let listed = table(HOOKS.of(lang), &columns, rows.collect::<Vec<_>>());
    let dead = hooks.dead(tenant.id.as_str(), PAGE, call.world.now).map_err(unavailable)?;
    let dead_columns = [
        Column::Head(say("때", "When").of(lang)),
        Column::Plain(say("알림", "Notice").of(lang)),
        Column::Plain(say("대상", "To what").of(lang)),
        Column::Plain(say("웹훅", "Webhook").of(lang)),
    ];
    let dead = dead
        .into_iter()
        .map(|dead| vec![dead.at.to_string().into(), dead.event.into(), dead.id.into(), dead.hook.into()]);
    let dead = table(DEAD.of(lang), &dead_columns, dead.collect::<Vec<_>>());
    let error = match done {
        Some(Done::Wrong(_)) => say("https 주소를 입력해 주세요", "Please enter an https address").of(lang),
        _ => "",
    };
    let typed = match done {
        Some(Done::Wrong(typed)) => typed,
        _ => "",
    };
    let url = Field { value: typed, error, ..Field::text("url", "URL") };
    let action =
        Href::local(&format!("/admin/{}/webhooks", tenant.id)).map_err(|_| unavailable(Unavailable))?;
    let add = FormBox {
        action: &action,
        token: &call.service.forms.token(&who.session),
        fields: url.html(lang),
        submit: say("등록", "Register").of(lang),
        weight: Weight::Primary,
        beside: Html::new(),
    };
    let secret = match done {
        Some(Done::Added(secret)) => {
            let title = say("서명 비밀값 (한 번만 보입니다)", "Signing secret (shown once)").of(lang);
            Some(card(title, code(lang, "secret", secret)))
        }
        _ => None,
    };
    let main = Html::from(heading(HOOKS.of(lang), ""))
        .and(input_errors(lang, &[&url]))
        .and(secret)
        .and(plain_card(listed))
        .and(card(say("웹훅 등록", "Register a webhook").of(lang), add))
        .and(plain_card(dead));
    page(call, HOOKS, Some(&tenant), main)
}

pub(super) fn add_hook(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form = form(call, who)?;
    let typed = form.text("url").unwrap_or_default().trim();
    let Ok(url) = read_hook(call, typed) else { return hooks(call, who, Some(&Done::Wrong(typed))) };
    let (registered, mut changes) = register_hook(call, &url, &who.name.to_string(), entropy)?;
    changes.push(registered.change);
    call.world.state.commit_owned(&changes).map_err(|_| unavailable(Unavailable))?;
    hooks(call, who, Some(&Done::Added(registered.secret.expose())))
}
