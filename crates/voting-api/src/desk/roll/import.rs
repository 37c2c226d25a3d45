//! A roll comes in: read from a file or a text, looked at, taken whole.

use crate::{
    call::Call,
    desk::{form, local, noted, office, page, push, to},
    dossier::{Dossier, district_id},
    manage::dossier,
    problem::{absent, unavailable},
    roll_file::{self, Fault, RollFileError, Row, Wrong},
};
use http::{Response, StatusCode};
use serde_json::json;
use sinpyo_core::key::Entropy;
use sinpyo_web::{
    account::LoggedIn,
    answer,
    component::{
        Column, Field, FieldKind, FormBox, Tone, Weight, card, details, heading, hidden, notice, plain_card,
        table,
    },
    form::Fields,
    html::{Attr, Flag, Html, Tag, el},
    lang::{Lang, Say, say},
    problem::Refusal,
};

/// Rows of an upload that are shown.
const SHOWN: usize = 20;

/// Where a roll comes in: as a file, or as text for who has no script.
pub(super) fn upload(call: &Call<'_>, who: &LoggedIn) -> Result<Html, Refusal> {
    let lang = call.lang();
    let token = call.service.forms.token(&who.session);
    let file = el(Tag::DIV)
        .class("field")
        .data("roll", &format!("{}/roll/file", office(call)))
        .data("token", &token)
        .with(el(Tag::LABEL).attr(Attr::FOR, "roll-file").with(say("CSV 파일 (UTF-8 또는 CP949)", "CSV file (UTF-8 or CP949)").of(lang)))
        .with(el(Tag::P).class("hint").with(say(
            "첫 줄은 district,label 이고, 그 아래 한 줄에 한 명입니다. 표시(label)는 동·호수나 이름처럼 사무실이 알아보는 말이며 공개되지 않습니다.",
            "The first line is district,label; below it one voter a line. The label (a unit, a name) is for the office and is never published.",
        ).of(lang)))
        .with(el(Tag::INPUT).id("roll-file").attr(Attr::TYPE, "file"))
        .with(el(Tag::P).class("error").attr(Attr::ROLE, "alert").data("told", "").flag(Flag::Hidden));
    let text = Field {
        kind: FieldKind::Lines,
        ..Field::text("text", say("명부 붙여 넣기", "Paste the roll").of(lang))
    };
    let form = FormBox {
        action: &local(&format!("{}/roll/text", office(call)))?,
        token: &token,
        fields: text.html(lang),
        submit: say("살펴보기", "Look at it").of(lang),
        weight: Weight::Secondary,
        beside: Html::new(),
    };
    let paste = details(
        say("파일 대신 붙여 넣기 · 몇 줄 추가", "Paste instead of a file · add lines").of(lang),
        form,
    );
    Ok(card(say("명부 가져오기", "Import the roll").of(lang), Html::from(file).and(paste)).into())
}

/// `POST …/roll/file`: the bytes of a file, sent by the page's script.
pub(in crate::desk) fn file(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let forbidden =
        |code, error: &dyn std::error::Error| Refusal::because(StatusCode::FORBIDDEN, code, error);
    call.service.settings.site.own_page(call.parts).map_err(|error| forbidden(error.code(), &error))?;
    let sent = call.request.headers().get("form-token").map(http::HeaderValue::as_bytes).unwrap_or_default();
    if !sinpyo_crypto::mac::equal(sent, call.service.forms.token(&who.session).as_bytes()) {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "HTTP-03",
            &"the form was not made for this session",
        ));
    }
    call.expect_media("text/csv")?;
    let next = looked_at(call, call.request.body(), entropy)?;
    Ok(answer::json(StatusCode::OK, &json!({"next": next})))
}

/// `POST …/roll/text`.
pub(in crate::desk) fn text(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form = form(call, who)?;
    let text = form.text("text").unwrap_or_default();
    match read(&dossier(call)?, text.as_bytes()) {
        Ok(_) => to(&looked_at(call, text.as_bytes(), entropy)?),
        Err(error) => faults(call, &error),
    }
}

fn read(dossier: &Dossier, bytes: &[u8]) -> Result<Vec<Row>, RollFileError> {
    roll_file::read(bytes, &|name| dossier.draft.district(name))
}

/// Where a file can be looked at. One with faults waits as well: as the list of its faults.
fn looked_at(call: &Call<'_>, bytes: &[u8], entropy: &mut dyn Entropy) -> Result<String, Refusal> {
    let here = format!("{}/roll/preview", office(call));
    match read(&dossier(call)?, bytes) {
        Ok(rows) => {
            let name = call.roll()?.upload(&rows, entropy).map_err(unavailable)?;
            Ok(format!("{here}?upload={name}"))
        }
        Err(error) => {
            let list = match &error {
                RollFileError::Lines(faults) => {
                    let fault = |fault: &Fault| format!("{}-{}", fault.line, number(fault.wrong));
                    faults.iter().take(100).map(fault).collect::<Vec<_>>().join(".")
                }
                _ => format!("file-{}", kind(&error)),
            };
            Ok(format!("{here}?upload=none&faults={list}"))
        }
    }
}

const WRONGS: [(Wrong, Say); 5] = [
    (Wrong::Cells, say("칸 수가 첫 줄과 다릅니다", "has another number of cells than the first line")),
    (Wrong::District, say("그런 선거구가 없습니다", "names no district of the election")),
    (
        Wrong::Label,
        say(
            "표시가 비었거나 너무 길거나, = + - @로 시작합니다",
            "has no label, or one that is too long or begins with = + - @",
        ),
    ),
    (Wrong::Repeated, say("같은 선거구에 같은 표시가 이미 있습니다", "has a label that was there before")),
    (Wrong::Code, say("코드가 짧거나 이미 쓰였습니다", "has a code that is too short or was there before")),
];

fn number(wrong: Wrong) -> usize {
    WRONGS.iter().position(|(own, _)| *own == wrong).unwrap_or(0)
}

const FILES: [Say; 4] = [
    say("파일이 너무 깁니다 (4 MiB, 5만 줄까지)", "The file is too long (4 MiB, 50,000 lines)"),
    say("파일이 UTF-8도 CP949도 아닙니다", "The file is neither UTF-8 nor CP949"),
    say("첫 줄이 district,label 이 아닙니다", "The first line does not name district and label"),
    say("파일에 줄이 없습니다", "The file has no lines"),
];

const fn kind(error: &RollFileError) -> usize {
    match error {
        RollFileError::TooLong => 0,
        RollFileError::Encoding => 1,
        RollFileError::Head => 2,
        RollFileError::Empty | RollFileError::Lines(_) => 3,
    }
}

/// The page that lists what is wrong with a file.
fn faults(call: &Call<'_>, error: &RollFileError) -> Result<Response<Vec<u8>>, Refusal> {
    let lang = call.lang();
    let items: Vec<String> = match error {
        RollFileError::Lines(faults) => {
            faults.iter().map(|fault| told(fault.line, number(fault.wrong), lang)).collect()
        }
        _ => FILES.get(kind(error)).map(|say| say.of(lang).to_owned()).into_iter().collect(),
    };
    fault_page(call, &items)
}

fn told(line: u64, wrong: usize, lang: Lang) -> String {
    let text = WRONGS.get(wrong).map_or("", |(_, say)| say.of(lang));
    match lang {
        Lang::Ko => format!("{line}번째 줄: {text}"),
        Lang::En => format!("line {line} {text}"),
    }
}

fn fault_page(call: &Call<'_>, items: &[String]) -> Result<Response<Vec<u8>>, Refusal> {
    let lang = call.lang();
    let title = say("명부를 가져오지 않았습니다", "The roll was not imported").of(lang);
    let list: Html = items.iter().map(|item| el(Tag::LI).with(item)).collect();
    let said = say(
        "아래 줄을 고쳐 다시 올려 주세요. 명부에는 아무것도 넣지 않았습니다.",
        "Mend these lines and upload again. Nothing was taken into the roll.",
    );
    let back = el(Tag::A)
        .href(&local(&format!("{}/roll", office(call)))?)
        .with(say("← 명부로", "← Back to the roll").of(lang));
    let main = Html::from(heading(title, ""))
        .and(notice(Tone::Bad, Html::from(el(Tag::P).with(said.of(lang))).and(el(Tag::UL).with(list))))
        .and(el(Tag::P).with(back));
    page(call, title, main, &[])
}

/// What was uploaded and waits, or what is wrong with it.
pub(super) fn preview(
    call: &Call<'_>,
    who: &LoggedIn,
    dossier: &Dossier,
    name: &str,
) -> Result<Response<Vec<u8>>, Refusal> {
    let lang = call.lang();
    if let Some(list) = call.query()?.text("faults") {
        let fault = |text: &str| {
            let (line, wrong) = text.split_once('-')?;
            let wrong: usize = wrong.parse().ok()?;
            if line == "file" {
                return FILES.get(wrong).map(|say| say.of(lang).to_owned());
            }
            Some(told(line.parse().ok()?, wrong, lang))
        };
        let items: Vec<String> = list.split('.').filter_map(fault).collect();
        return fault_page(call, &items);
    }
    let rows = call.roll()?.uploaded(name).map_err(unavailable)?;
    let rows = rows.ok_or_else(|| absent("VTS-46", "no roll waits under this name"))?; // [VTS-46]
    let columns = [
        Column::Number(say("파일의 줄", "Line").of(lang)),
        Column::Plain(say("선거구", "District").of(lang)),
        Column::Head(say("표시", "Label").of(lang)),
    ];
    let line = |row: &Row| {
        let district = dossier.draft.districts.get(row.district);
        vec![
            row.line.to_string().into(),
            district.map(|district| Html::foreign(district.name.of(lang))).unwrap_or_default(),
            Html::foreign(&row.label),
        ]
    };
    let shown =
        table(say("처음 몇 줄", "The first lines").of(lang), &columns, rows.iter().take(SHOWN).map(line));
    let counts: Html = dossier
        .draft
        .districts
        .iter()
        .enumerate()
        .map(|(at, district)| {
            let count = rows.iter().filter(|row| row.district == at).count();
            let text = format!(" ({}): {count} / {}", district_id(at), district.legal);
            el(Tag::LI).with(Html::foreign(district.name.of(lang))).with(text)
        })
        .collect();
    let title = match lang {
        Lang::Ko => format!("{}줄을 읽었습니다", rows.len()),
        Lang::En => format!("{} lines were read", rows.len()),
    };
    let take = (&*format!("{}/roll/take", office(call)), Html::from(hidden("upload", name)));
    let take = push(call, who, take, (say("명부에 넣기", "Take them into the roll"), Weight::Primary))?;
    let main = Html::from(heading(
        &title,
        say("아직 명부에 넣지 않았습니다.", "Nothing is in the roll yet.").of(lang),
    ))
    .and(plain_card(Html::from(el(Tag::UL).with(counts)).and(take)))
    .and(plain_card(shown));
    page(call, &title, main, &[])
}

/// `POST …/roll/take`.
pub(in crate::desk) fn take(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form: Fields = form(call, who)?;
    let rows = call.roll()?.uploaded(form.text("upload").unwrap_or_default()).map_err(unavailable)?;
    let rows = rows.ok_or_else(|| absent("VTS-46", "no roll waits under this name"))?; // [VTS-46]
    crate::manage::take(call, &rows, entropy)?;
    noted(call, who, "roll.taken", entropy)?;
    to(&format!("{}/roll", office(call)))
}
