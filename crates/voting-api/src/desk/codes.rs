//! Codes, as a sheet to print and cut: shown once.

use super::{form, noted, page};
use crate::{
    call::Call,
    code::grouped,
    dossier::Dossier,
    manage::dossier,
    problem::{absent, unavailable},
    roll::Coded,
    settings::Hat,
};
use http::Response;
use sinpyo_core::key::Entropy;
use sinpyo_voting::form::to_hex;
use sinpyo_web::{
    account::LoggedIn,
    component::{Tone, heading, notice},
    html::{Attr, Html, Tag, el},
    lang::{Lang, say},
    problem::Refusal,
    qr::qr,
};

/// Codes beyond which the sheet has no QR codes: ten kilobytes each.
const WITH_QR: usize = 1000;

/// Codes for all lines that have none.
pub(super) fn all(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    form(call, who)?;
    let made = call.roll()?.make_codes(entropy).map_err(unavailable)?;
    noted(call, who, "codes.made", entropy)?;
    sheet(call, &made)
}

/// A new code for one line: a lost letter, or a lost phone.
pub(super) fn again(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form = form(call, who)?;
    let line = form.parsed("line").ok().flatten().unwrap_or(0);
    let made = call.roll()?.make_code(line, entropy).map_err(unavailable)?;
    let made = made.ok_or_else(|| absent("VTS-48", "there is no such line, or it was struck"))?; // [VTS-48]
    noted(call, who, "code.again", entropy)?;
    sheet(call, &[made])
}

/// The link by which a wallet finds the election, knows who called it, and has the code.
pub(crate) fn link(call: &Call<'_>, code: Option<&str>) -> Result<String, Refusal> {
    let election = call.election()?;
    let host = call.service.settings.key.signing(&election, Hat::Host);
    let host = to_hex(host.verifying_key().to_multikey().key());
    let code = code.map(|code| format!("&code={code}")).unwrap_or_default();
    Ok(format!("sinpyo-vote:{}?host={host}{code}", call.service.address(&election)))
}

fn sheet(call: &Call<'_>, made: &[Coded]) -> Result<Response<Vec<u8>>, Refusal> {
    let lang = call.lang();
    let dossier = dossier(call)?;
    let title = say("등록 코드", "Registration codes").of(lang);
    let lead = match lang {
        Lang::Ko => format!("{}장", made.len()),
        Lang::En => format!("{} codes", made.len()),
    };
    let once = notice(
        Tone::Wait,
        say(
            "이 화면을 닫으면 코드를 다시 볼 수 없습니다. 지금 인쇄하세요.",
            "Once this page is closed the codes cannot be seen again. Print it now.",
        )
        .of(lang),
    );
    let print = el(Tag::BUTTON)
        .class("button primary")
        .attr(Attr::TYPE, "button")
        .data("print", "")
        .flag(sinpyo_web::html::Flag::Hidden)
        .with(say("인쇄", "Print").of(lang));
    let mut slips = Html::new();
    for coded in made {
        slips = slips.and(slip(call, &dossier, coded, made.len() <= WITH_QR)?);
    }
    let main = Html::from(heading(title, lead))
        .and(once)
        .and(el(Tag::P).class("actions").with(print))
        .and(el(Tag::DIV).class("beside").with(slips));
    page(call, title, main, &["print.js"])
}

fn slip(call: &Call<'_>, dossier: &Dossier, coded: &Coded, with_qr: bool) -> Result<Html, Refusal> {
    let lang = call.lang();
    let district = dossier.draft.districts.get(coded.line.district);
    let code = coded.code.expose();
    let picture = if with_qr {
        qr(&link(call, Some(code))?, say("등록 QR 코드", "QR code for registering").of(lang)).ok()
    } else {
        None
    };
    let how = say(
        "지갑 앱에서 QR을 읽거나 코드를 입력해 등록합니다. 이 코드는 투표지가 아니며, 누가 어떻게 투표했는지와 이어지지 않습니다.",
        "Register in the wallet app by the QR code, or type the code. It is no ballot, and nothing joins it with a vote.",
    );
    Ok(el(Tag::SECTION)
        .class("card")
        .with(el(Tag::H2).with(Html::foreign(dossier.draft.title.of(lang))))
        .with(
            el(Tag::P)
                .with(district.map(|district| Html::foreign(district.name.of(lang))))
                .with(" · ")
                .with(Html::foreign(&coded.line.label)),
        )
        .with(el(Tag::P).with(el(Tag::CODE).with(grouped(code))))
        .with(picture.map(|picture| el(Tag::DIV).class("paper").with(picture)))
        .with(el(Tag::P).class("hint").with(how.of(lang)))
        .into())
}
