//! Who did what, and who is told.

use super::{Desk, done, to};
use crate::core::Did;
use http::{Response, StatusCode};
use serde_json::Value;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::Unavailable;
use sinpyo_web::{
    audit::Log,
    component::{Column, Field, FormBox, Tone, Weight, card, code, notice, plain_card, table, time},
    form::Fields,
    html::{Html, Tag, el},
    lang::{Say, say},
    webhook::{Dead, Hook, HookUrl},
};

const LOG: Say = say("기록", "Log");
const HOOKS: Say = say("알림 주소", "Webhooks");
const SHOWN: usize = 100;

impl Desk<'_> {
    pub(super) fn log(&self) -> Result<Response<Vec<u8>>, Unavailable> {
        let lang = self.lang();
        let log = Log { state: &*self.call.core.state, owner: self.tenant() };
        let entries = log.newest(None, SHOWN, self.call.now)?;
        let columns = [
            Column::Head(say("때", "When").of(lang)),
            Column::Plain(say("누가", "Who").of(lang)),
            Column::Plain(say("무엇을", "What").of(lang)),
            Column::Plain(say("대상", "To what").of(lang)),
        ];
        let row = |entry: &sinpyo_web::audit::Entry| -> Vec<Html> {
            let line: Value = serde_json::from_str(&entry.line).unwrap_or(Value::Null);
            let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
            vec![
                text("at")
                    .parse::<Timestamp>()
                    .map_or_else(|_| text("at").into(), |at| time(at, lang).into()),
                Html::foreign(&text("who")),
                word(&text("did")).map_or_else(|| text("did").into(), |word| word.of(lang).into()),
                el(Tag::CODE).with(text("id")).into(),
            ]
        };
        let caption = say("최근 기록", "Latest entries").of(lang);
        Ok(self.page(
            StatusCode::OK,
            LOG,
            plain_card(table(caption, &columns, entries.iter().map(row))).into(),
        ))
    }

    pub(super) fn webhooks(
        &self,
        form: Option<&Fields>,
        entropy: &mut dyn Entropy,
    ) -> Result<Response<Vec<u8>>, Unavailable> {
        let lang = self.lang();
        let Some(form) = form else { return self.hooks_page(StatusCode::OK, done(self.call)) };
        let url = form.text("url").unwrap_or_default().trim();
        let Ok(url) = HookUrl::parse(url, self.call.core.transport()) else {
            let wrong = say("https 주소를 넣어 주세요.", "Please enter an https address.").of(lang);
            return self.hooks_page(StatusCode::UNPROCESSABLE_ENTITY, Some(notice(Tone::Bad, wrong).into()));
        };
        let core = self.call.core;
        let registered = core.webhooks().register(self.tenant(), &url, self.call.now, entropy);
        let registered = registered.map_err(|_| Unavailable)?;
        let about = (Did::HookRegistered, registered.id.as_str());
        let mut changes = vec![registered.change];
        changes.extend(core.tell(self.tenant(), &self.actor(), about, self.call.now, entropy)?);
        core.state.commit_owned(&changes).map_err(|_| Unavailable)?;
        let secret = say(
            "서명 열쇠는 지금만 보입니다. 받는 시스템에 저장하세요.",
            "The signing secret is shown only now. Keep it in the receiving system.",
        );
        let said = Html::from(notice(Tone::Good, secret.of(lang))).and(code(
            lang,
            "secret",
            registered.secret.expose(),
        ));
        self.hooks_page(StatusCode::CREATED, Some(plain_card(said).into()))
    }

    fn hooks_page(&self, status: StatusCode, said: Option<Html>) -> Result<Response<Vec<u8>>, Unavailable> {
        let lang = self.lang();
        let hooks = self.call.core.webhooks();
        let columns = [
            Column::Head(say("주소", "Address").of(lang)),
            Column::Plain(say("등록일", "Since").of(lang)),
            Column::Plain(say("관리", "Manage").of(lang)),
        ];
        let row = |hook: &Hook| -> Vec<Html> {
            let label = (say("지우기", "Remove"), Weight::Danger);
            let remove = self.button(&format!("webhooks/{}/forget", hook.id), label, Html::new());
            vec![Html::foreign(hook.url.as_str()), time(hook.since, lang).into(), remove]
        };
        let listed = hooks.list(self.tenant(), self.call.now)?;
        let caption = say("상태가 바뀌면 알리는 주소", "Told when something changes").of(lang);
        let listed = table(caption, &columns, listed.iter().map(row));
        let dead_columns = [
            Column::Head(say("사건", "Event").of(lang)),
            Column::Plain(say("대상", "To what").of(lang)),
            Column::Plain(say("때", "When").of(lang)),
        ];
        let dead_row = |dead: &Dead| -> Vec<Html> {
            vec![
                dead.event.as_str().into(),
                el(Tag::CODE).with(dead.id.as_str()).into(),
                time(dead.at, lang).into(),
            ]
        };
        let dead = hooks.dead(self.tenant(), SHOWN, self.call.now)?;
        let gone = (!dead.is_empty()).then(|| {
            let caption = say("전하지 못한 알림", "Given up").of(lang);
            plain_card(table(caption, &dead_columns, dead.iter().map(dead_row)))
        });
        let url = Field::text("url", say("주소 (https)", "Address (https)").of(lang));
        let form = self.href("webhooks").map(|action| {
            Html::from(FormBox {
                action: &action,
                token: &self.token,
                fields: url.html(lang),
                submit: say("등록", "Register").of(lang),
                weight: Weight::Secondary,
                beside: Html::new(),
            })
        });
        let add = card(say("주소 등록", "Register an address").of(lang), form.unwrap_or_default());
        Ok(self.page(status, HOOKS, Html::new().and(said).and(plain_card(listed)).and(gone).and(add)))
    }

    pub(super) fn forget_hook(
        &self,
        id: &str,
        entropy: &mut dyn Entropy,
    ) -> Result<Response<Vec<u8>>, Unavailable> {
        let core = self.call.core;
        if let Some(change) = core.webhooks().forget(self.tenant(), id, self.call.now)? {
            let mut changes = vec![change];
            let about = (Did::HookForgotten, id);
            changes.extend(core.tell(self.tenant(), &self.actor(), about, self.call.now, entropy)?);
            core.state.commit_owned(&changes).map_err(|_| Unavailable)?;
        }
        Ok(to(self.call, &self.path("webhooks?done=forgotten")))
    }
}

fn word(did: &str) -> Option<Say> {
    Some(match did {
        "offer.made" => say("발급 안내를 만듦", "made an offer"),
        "offer.released" => say("발급을 시작함", "released an offer"),
        "offer.withdrawn" => say("발급 안내를 취소함", "withdrew an offer"),
        "credential.issued" => say("자격증명을 받음", "received a credential"),
        "credential.revoked" => say("자격증명을 폐지함", "revoked a credential"),
        "credential.suspended" => say("자격증명을 정지함", "suspended a credential"),
        "credential.reinstated" => say("정지를 풂", "reinstated a credential"),
        "tenant.entered" => say("기관을 등록함", "entered the tenant"),
        "tenant.removed" => say("기관을 지움", "removed the tenant"),
        "webhook.registered" => say("알림 주소를 등록함", "registered a webhook"),
        "webhook.forgotten" => say("알림 주소를 지움", "removed a webhook"),
        _ => return None,
    })
}
