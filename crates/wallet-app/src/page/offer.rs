//! An offer, from consent to what is in the wallet.

use super::{Menu, View, busy, home, paragraph, path, press, words};
use crate::{
    app::Entry,
    flow::World,
    receive::{Receive, named},
};
use sinpyo_oauth::url::Transport;
use sinpyo_openid4vci::{
    offer::{InputMode, TxCodePrompt},
    wallet::Proposal,
};
use sinpyo_web::{
    component::{
        CredentialCard, Field, FieldKind, FormBox, Tone, Weight, actions, badge, card, facts, heading,
        link_button, notice, plain_card, time,
    },
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
};

const TITLE: Say = say("자격증명을 받을까요?", "Receive this credential?");
const LEAD: Say = say(
    "발급기관의 주소를 확인하세요. 동의하시기 전에는 발급 번호를 쓰지 않습니다.",
    "Check the issuer's address. No code is spent before you agree.",
);
const WHO: Say = say("누가 발급하나요", "Who issues it");
const HOST: Say = say("인터넷 주소", "Internet address");
const SAYS: Say = say("스스로 밝힌 이름", "The name it gives itself");
const WHAT: Say = say("무엇을 받나요", "What you receive");
const OFFERED: Say = say("제안됨", "Offered");
const CODE: Say = say("확인 번호", "Code");
const CODE_HINT: Say = say(
    "발급기관이 문자, 우편, 창구처럼 다른 길로 알려 준 번호입니다.",
    "The issuer gave it to you in another way: by message, by post, at the desk.",
);
const AGREE: Say = say("동의하고 받기", "Agree and receive");
const AGREE_BROWSER: Say = say("동의하고 발급기관으로 가기", "Agree and go to the issuer");
const DECLINE: Say = say("받지 않기", "Do not receive");
const LEAVE_TITLE: Say = say("발급기관에서 본인을 확인하세요", "Go to the issuer");
const LEAVE_LEAD: Say = say(
    "발급기관의 페이지에서 본인 확인을 마치면 지갑으로 돌아옵니다.",
    "When you are done on the issuer's page, you come back to the wallet.",
);
const LEAVE: Say = say("발급기관 페이지 열기", "Open the issuer's page");
const WAIT_TITLE: Say = say("발급기관이 준비하고 있습니다", "The issuer is preparing it");
const WAIT_LEAD: Say = say("이때부터 다시 확인할 수 있습니다:", "You can ask again from:");
const AGAIN: Say = say("다시 확인", "Ask again");
const DONE: Say = say("지갑에 담았습니다", "It is in your wallet");
const FAILED: Say = say("받지 못했습니다", "It was not received");

pub(crate) fn page(
    lang: Lang,
    (id, token): (u64, &str),
    (receive, entry): (&Receive, &Entry),
    world: &World<'_>,
) -> View {
    if entry.is_busy {
        return busy(lang, id, Menu::Add);
    }
    let trouble = entry.trouble.as_ref();
    if receive.is_asking()
        && let Some(proposal) = receive.proposal()
    {
        let main = Html::from(heading(TITLE.of(lang), LEAD.of(lang)))
            .and(trouble.map(|trouble| trouble.html(lang)))
            .and(consent(lang, (id, token), (receive, proposal), world));
        return View::new(TITLE.of(lang), Menu::Add, main);
    }
    if let Some(trouble) = trouble {
        let again = trouble
            .is_passing
            .then(|| press(&format!("/flows/{id}/again"), token, AGAIN.of(lang), Weight::Primary));
        let main =
            Html::from(heading(FAILED.of(lang), "")).and(trouble.html(lang)).and(again).and(home(lang));
        return View::new(FAILED.of(lang), Menu::Add, main);
    }
    if entry.leave.is_some() {
        let go = link_button(Weight::Primary, &path(&format!("/flows/{id}/leave")), LEAVE.of(lang));
        let main = Html::from(heading(LEAVE_TITLE.of(lang), LEAVE_LEAD.of(lang))).and(actions(go));
        return View::new(LEAVE_TITLE.of(lang), Menu::Add, main);
    }
    if receive.is_done() {
        return done(lang, receive, world);
    }
    let until = entry.wait.map(|until| time(until, lang));
    let main = Html::from(heading(WAIT_TITLE.of(lang), ""))
        .and(paragraph(Html::from(WAIT_LEAD.of(lang)).and(" ").and(until)))
        .and(press(&format!("/flows/{id}/again"), token, AGAIN.of(lang), Weight::Primary));
    View::new(WAIT_TITLE.of(lang), Menu::Add, main)
}

/// Who offers what, before any code is spent. [VCI-OFF-08]
fn consent(
    lang: Lang,
    (id, token): (u64, &str),
    (receive, proposal): (&Receive, &Proposal),
    world: &World<'_>,
) -> Html {
    let name = named(&proposal.metadata.displays);
    let name = words::localized(&name, lang);
    let mut who: Vec<(&str, Html)> =
        vec![(HOST.of(lang), el(Tag::STRONG).with(Html::foreign(host(proposal, world))).into())];
    if !name.is_empty() {
        who.push((SAYS.of(lang), Html::foreign(name)));
    }
    let offered = proposal.configurations().map(|(id, configuration)| {
        let name = named(&configuration.displays);
        let name = words::localized(&name, lang);
        let labels = configuration.claims.iter().map(|claim| {
            let name = named(&claim.displays);
            let name = words::localized(&name, lang);
            if name.is_empty() { words::label(None, &claim.path, lang) } else { name.to_owned() }
        });
        let shown = CredentialCard {
            name: if name.is_empty() { id } else { name },
            issuer: proposal.offer.issuer.host(),
            logo: receive.logo(id).map(words::picture),
            state: badge(Tone::Plain, OFFERED.of(lang)).into(),
            href: None,
        };
        Html::from(shown).and(words::list(labels))
    });
    let (action, decline) = (format!("/flows/{id}/agree"), format!("/flows/{id}/decline"));
    let action = path(&action);
    let grant = proposal.offer.grants.pre_authorized.as_ref();
    let code = grant.and_then(|grant| grant.tx_code.as_ref()).map(|prompt| tx_code(lang, prompt));
    let form = FormBox {
        action: &action,
        token,
        fields: code.into(),
        submit: if grant.is_some() { AGREE.of(lang) } else { AGREE_BROWSER.of(lang) },
        weight: Weight::Primary,
        beside: Html::new(),
    };
    Html::from(card(WHO.of(lang), facts(who)))
        .and(card(WHAT.of(lang), offered.collect::<Html>()))
        .and(plain_card(Html::from(form).and(press(&decline, token, DECLINE.of(lang), Weight::Secondary))))
}

/// The issuer's host; with its port in development, where it tells one from another.
fn host<'p>(proposal: &'p Proposal, world: &World<'_>) -> &'p str {
    let whole = proposal.offer.issuer.as_str();
    match world.rules.transport {
        Transport::Https => proposal.offer.issuer.host(),
        Transport::LoopbackToo => whole.split('/').nth(2).unwrap_or(whole),
    }
}

fn tx_code(lang: Lang, prompt: &TxCodePrompt) -> Html {
    let kind = match (prompt.input_mode, prompt.length) {
        (InputMode::Numeric, Some(digits)) => FieldKind::Code { digits },
        _ => FieldKind::Text,
    };
    let hint = prompt.description.as_deref().unwrap_or_else(|| CODE_HINT.of(lang));
    Field { kind, hint, autocomplete: "one-time-code", ..Field::text("tx_code", CODE.of(lang)) }.html(lang)
}

fn done(lang: Lang, receive: &Receive, world: &World<'_>) -> View {
    let held = receive.held().first().and_then(|id| world.wallet.held(*id));
    let shown = held.map(|held| {
        let (name, issuer) = (words::name(held.display(), held.kind(), lang), words::issuer(held, lang).0);
        Html::from(CredentialCard {
            name: &name,
            issuer: &issuer,
            logo: words::logo(held.display()),
            state: badge(Tone::Good, say("받음", "Received").of(lang)).into(),
            href: Some(path(&format!("/credentials/{}", held.id()))),
        })
    });
    let count = receive.held().len();
    let copies = (count > 1).then(|| match lang {
        Lang::Ko => {
            format!("서로 이어지지 않는 사본 {count}장을 받았습니다. 곳마다 다른 사본을 보여 줍니다.")
        }
        Lang::En => {
            format!("You received {count} copies that cannot be linked; each place sees another one.")
        }
    });
    let main = Html::from(heading(DONE.of(lang), ""))
        .and(shown.map(plain_card))
        .and(copies.map(|text| notice(Tone::Plain, text)))
        .and(home(lang));
    View::new(DONE.of(lang), Menu::Add, main)
}
