//! The pieces of our pages, served to one machine, for looking at them and for their tests.
//!
//! `cargo run --example show -p sinpyo-web`: prints `{"ready":true,"url":…}`. `/` is a flow, `/form` one with wrong input,
//! `/desk` an administrator's page, `/hostile?text=…` shows a text wherever texts are shown.
//!
//! Not a server for anything else: no limits, no TLS.

use http::{Response, StatusCode};
use serde_json::json;
use sinpyo_web::{
    answer,
    asset::Assets,
    component::{
        Choice, Column, CredentialCard, Field, FieldKind, FormBox, Step, Tone, Weight, actions, badge,
        button, card, code, details, facts, heading, input_errors, link_button, live, notice, number_match,
        plain_card, qr_card, steps, table,
    },
    form::Fields,
    href::Href,
    html::{Attr, Html, Tag, el},
    lang::{Lang, say},
    page::{MenuItem, Page, Place, Width},
    qr::qr,
    route::Need,
    site::Transport,
};
use std::{
    error::Error,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", json!({"ready": true, "url": format!("http://{}", listener.local_addr()?)}));
    let assets = Assets::new(&[]);
    for stream in listener.incoming().flatten() {
        let _gone = serve(stream, &assets);
    }
    Ok(())
}

fn serve(mut stream: TcpStream, assets: &Assets) -> Outcome<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().ok_or("no request")??;
    let target = first.split(' ').nth(1).ok_or("no target")?.to_owned();
    while !lines.next().ok_or("no end")??.is_empty() {}
    let response = respond(&target, assets)
        .unwrap_or_else(|error| answer::with_type("text/plain", error.to_string().into_bytes()));
    let mut head = format!("HTTP/1.1 {}\r\nconnection: close\r\n", response.status());
    for (name, value) in response.headers() {
        head.extend([name.as_str(), ": ", value.to_str()?, "\r\n"]);
    }
    head.extend(["content-length: ", &response.body().len().to_string(), "\r\n\r\n"]);
    stream.write_all(&[head.as_bytes(), response.body()].concat())?;
    Ok(())
}

fn respond(target: &str, assets: &Assets) -> Outcome<Response<Vec<u8>>> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if let Some((digest, file)) = path.strip_prefix("/assets/").and_then(|rest| rest.split_once('/')) {
        return Ok(assets.answer(digest, file).unwrap_or_else(|| answer::empty(StatusCode::NOT_FOUND)));
    }
    let query = Fields::of_query(query)?;
    let lang = Lang::choose(&query, &http::HeaderMap::new());
    let text = query.text("text").unwrap_or("<b>");
    let (main, width) = match path {
        "/" => (flow(lang)?, Width::Column),
        "/form" => (form(lang)?, Width::Column),
        "/desk" => (desk(lang)?, Width::Desk),
        "/hostile" => (hostile(lang, text)?, Width::Column),
        _ => return Ok(answer::empty(StatusCode::NOT_FOUND)),
    };
    let item = |ko, en, href: &str| -> Outcome<MenuItem<'static>> {
        let place = if href == path { Place::Here } else { Place::Elsewhere };
        Ok(MenuItem { name: say(ko, en).of(lang), href: Href::local(href)?, place })
    };
    let menu = [
        item("발급", "Offers", "/")?,
        item("신청", "Request", "/form")?,
        item("자격증명 관리", "Credentials", "/desk")?,
    ];
    let institution = say("한국우정사업진흥원", "Korea Postal Service Agency").of(lang);
    let page = Page {
        lang,
        title: say("자격증명 받기", "Receive a credential").of(lang),
        institution: if path == "/hostile" { text } else { institution },
        here: Some(target),
        menu: if width == Width::Desk { &menu } else { &[] },
        main,
        footer: el(Tag::P)
            .with(say("문의 1588-0000 · 개인정보 처리방침", "Help 1588-0000 · Privacy notice").of(lang))
            .into(),
        scripts: &["live.js", "copy.js"],
        width,
    };
    Ok(page.answer(StatusCode::OK, assets, Transport::Plain))
}

fn flow(lang: Lang) -> Outcome<Html> {
    let offer = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.example.kr%2Fposts%2Foffers%2F\
        8Yw3pZ0hQk2VnJ5sXb7tCw";
    let link = Href::wallet(offer)?;
    let words = |ko, en| say(ko, en).of(lang);
    let code_image = qr(offer, words("발급 제안 QR 코드", "QR code of the offer"))?;
    let caption = words(
        "휴대전화의 지갑 앱으로 QR 코드를 찍으세요.",
        "Scan the QR code with the wallet on your phone.",
    );
    let open = words("이 기기의 지갑에서 열기", "Open the wallet on this device");
    let scan = qr_card(code_image, caption, Some((&link, open))).with(number_match(lang, "4710")).with(live(
        lang,
        &Href::local("/events")?,
        words("지갑을 기다리고 있습니다", "Waiting for your wallet"),
    ));
    let more = code(lang, "offer", offer);
    Ok(Html::new()
        .and(steps(&[
            Step::Done(words("본인 확인", "Identity")),
            Step::Now(words("지갑 연결", "Wallet")),
            Step::Later(words("완료", "Done")),
        ]))
        .and(heading(
            words("우편 수령 자격증명을 지갑에 담으세요", "Put your mail pickup credential into your wallet"),
            words(
                "발급 제안은 10분 동안 한 번만 쓸 수 있습니다.",
                "The offer can be used once, within ten minutes.",
            ),
        ))
        .and(plain_card(scan))
        .and(plain_card(
            Html::from(CredentialCard {
                name: words("우편 수령 자격증명", "Mail pickup credential"),
                issuer: words("한국우정사업진흥원", "Korea Postal Service Agency"),
                logo: None,
                state: badge(Tone::Wait, words("발급 대기", "Not issued yet")).into(),
                href: None,
            })
            .and(details(words("제안 주소 직접 붙여 넣기", "Paste the offer yourself"), more)),
        )))
}

fn form(lang: Lang) -> Outcome<Html> {
    let words = |ko, en| say(ko, en).of(lang);
    let ways = [
        Choice { value: "home", label: words("집으로 배달", "To my home") },
        Choice { value: "office", label: words("우체국 수령", "At the post office") },
    ];
    let name = Field { value: "김하늘", ..Field::text("name", words("이름", "Name")) };
    let hint = words("등기로 받은 여섯 자리 번호", "The six digits from the letter");
    let wrong = words(
        "번호가 맞지 않습니다. 네 번 더 입력할 수 있습니다.",
        "This number is wrong. You have four more attempts.",
    );
    let kind = FieldKind::Code { digits: 6 };
    let code = Field {
        hint,
        error: wrong,
        kind,
        autocomplete: "one-time-code",
        ..Field::text("tx_code", words("확인 번호", "Code"))
    };
    let way = Field {
        kind: FieldKind::One(&ways),
        value: "office",
        ..Field::text("way", words("받는 방법", "How to receive mail"))
    };
    let note = Field {
        need: Need::Optional,
        kind: FieldKind::Lines,
        ..Field::text("note", words("전하실 말씀", "A note to us"))
    };
    let label = words(
        "이름과 주소를 우체국에 보여 주는 데 동의합니다.",
        "I agree to show my name and address to the post office.",
    );
    let agree = Field { kind: FieldKind::Check, value: "on", ..Field::text("agree", label) };
    let fields = [&name, &code, &way, &note, &agree];
    let action = Href::local("/form")?;
    let cancel = link_button(Weight::Secondary, &Href::local("/")?, words("취소", "Cancel"));
    let form = FormBox {
        action: &action,
        token: "token",
        fields: fields.iter().map(|field| field.html(lang)).collect(),
        submit: words("신청하기", "Apply"),
        weight: Weight::Primary,
        beside: cancel.into(),
    };
    let title = words("수령 방법 신청", "How you receive your mail");
    Ok(Html::from(heading(title, "")).and(input_errors(lang, &fields)).and(plain_card(form)))
}

fn desk(lang: Lang) -> Outcome<Html> {
    let words = |ko, en| say(ko, en).of(lang);
    let columns = [
        Column::Head(words("자격증명", "Credential")),
        Column::Plain(words("상태", "State")),
        Column::Plain(words("발급일", "Issued")),
        Column::Number(words("제시 횟수", "Shown")),
        Column::Plain(words("관리", "Manage")),
    ];
    let rows = [
        ("C-2026-000184", Tone::Good, words("유효", "Valid"), "2026-11-20", "12"),
        ("C-2026-000183", Tone::Wait, words("정지", "Suspended"), "2026-11-19", "1,204"),
        ("C-2026-000171", Tone::Bad, words("폐지", "Revoked"), "2026-10-02", "0"),
    ];
    let row = |(id, tone, state, issued, shown): (&str, Tone, &str, &str, &str)| {
        vec![
            el(Tag::CODE).with(id).into(),
            badge(tone, state).into(),
            issued.into(),
            shown.into(),
            button(Weight::Danger, words("폐지", "Revoke")).attr(Attr::TYPE, "button").into(),
        ]
    };
    let listed = table(words("최근 발급", "Issued lately"), &columns, rows.into_iter().map(row));
    let about = facts([
        (words("발급자", "Issuer"), Html::from("did:tlog:zQm8s9…")),
        (words("인가", "Accredited for"), words("우편 수령 자격증명", "Mail pickup credential").into()),
        (words("오늘 발급", "Issued today"), "184".into()),
    ]);
    let new = link_button(Weight::Primary, &Href::local("/form")?, words("새로 발급", "Issue a credential"));
    let beside = el(Tag::DIV).class("beside").with(card(words("기관", "Institution"), about)).with(card(
        words("할 일", "To do"),
        Html::from(words("처리할 신청이 3건 있습니다.", "Three requests are waiting.")).and(actions(new)),
    ));
    let saved = notice(
        Tone::Good,
        words("자격증명 C-2026-000171을 폐지했습니다.", "Credential C-2026-000171 was revoked."),
    );
    Ok(Html::from(heading(words("자격증명 관리", "Credentials"), ""))
        .and(saved)
        .and(beside)
        .and(plain_card(listed)))
}

/// `text` in every place where a text of others can stand.
fn hostile(lang: Lang, text: &str) -> Outcome<Html> {
    let field = Field { hint: text, error: text, value: text, ..Field::text("name", text) };
    let lines = Field { kind: FieldKind::Lines, value: text, ..Field::text("lines", text) };
    let credential = CredentialCard {
        name: text,
        issuer: text,
        logo: None,
        state: badge(Tone::Bad, text).into(),
        href: None,
    };
    Ok(Html::from(heading(Html::foreign(text), text))
        .and(input_errors(lang, &[&field]))
        .and(plain_card(Html::from(credential).and(field.html(lang)).and(lines.html(lang))))
        .and(card(text, facts([(text, Html::foreign(text))])))
        .and(code(lang, "code", text))
        .and(qr(text, text)?)
        .and(table(text, &[Column::Head(text)], [vec![text.into()]])))
}
