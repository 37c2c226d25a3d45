//! Where a voter begins: into the wallet, and what it will show.

use super::{Frame, local, observe, phase_name, words};
use crate::call::Call;
use http::{Response, StatusCode};
use sinpyo_voting::{form::to_hex, manifest::Profile, phase::Phase};
use sinpyo_web::{
    component::{Tone, card, code, heading, notice, plain_card, qr_card, time},
    href::Href,
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    problem::Refusal,
    qr::qr,
};

pub(super) fn show(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (seen, _) = observe::seen(call)?;
    let (lang, election) = (call.lang(), call.election()?);
    let title = words(&seen.manifest.title, lang).to_owned();
    let state: Say = match seen.phase {
        Phase::Registration => say(
            "지금은 등록 기간입니다. 받은 등록 코드로 지갑에서 등록하세요.",
            "Registration is on: register in your wallet by the code that you were given.",
        ),
        Phase::Open => say("투표 중입니다.", "The election is open."),
        phase => phase_name(phase),
    };
    let weaker = matches!(seen.manifest.profile, Profile::Token).then(|| notice(Tone::Wait, say(
        "이 선거는 명부를 공개하지 않는 더 약한 방식(토큰)을 씁니다. 명부 관리자가 없는 유권자를 만들어 내도 수로만 알 수 있습니다.",
        "This election uses the weaker kind without a public roll (tokens): a registrar who makes voters up would show in the numbers only.",
    ).of(lang)));
    let when = Html::from(say("투표: ", "Voting: ").of(lang))
        .and(time(seen.manifest.opens, lang))
        .and(" – ")
        .and(time(seen.manifest.closes, lang));
    let observe_link = local(&format!("/e/{}", to_hex(&election.0)))?;
    let main = Html::from(heading(Html::foreign(&title), when))
        .and(weaker)
        .and(notice(Tone::Plain, state.of(lang)))
        .and(wallet(call)?)
        .and(card(
            say("무엇을 보여 주고 무엇을 감추는가", "What is shown, and what is not").of(lang),
            shown(lang),
        ))
        .and(card(
            say("이 선거의 약속", "What this election promises").of(lang),
            observe::promises(&seen.manifest, lang),
        ))
        .and(el(Tag::P).with(
            el(Tag::A).href(&observe_link).with(say("진행과 결과 보기", "Progress and result").of(lang)),
        ));
    let frame = Frame { scripts: &["copy.js"], ..Frame::of(&title, main) };
    Ok(frame.answer(call, StatusCode::OK))
}

/// The way into the wallet.
fn wallet(call: &Call<'_>) -> Result<Html, Refusal> {
    let lang = call.lang();
    let link = crate::desk::link(call, None)?;
    let picture =
        qr(&link, say("이 선거의 QR 코드", "QR code of this election").of(lang)).unwrap_or_default();
    let open = Href::wallet(&link).ok();
    let open = open
        .as_ref()
        .map(|href| (href, say("이 기기의 지갑에서 열기", "Open in the wallet on this device").of(lang)));
    let caption = say(
        "지갑 앱으로 읽거나, 아래 주소를 지갑에 붙여 넣으세요.",
        "Scan it with the wallet app, or paste the address below.",
    );
    let way = Html::from(qr_card(picture, caption.of(lang), open));
    Ok(plain_card(way.and(code(lang, "wallet-link", &link))).into())
}

/// What others see of a voter.
fn shown(lang: Lang) -> Html {
    let shown = [
        say(
            "등록할 때: 받은 코드와, 주관자가 요구하면 소속과 투표권 두 가지 사실. 이름은 묻지 않습니다.",
            "When registering: your code and, if the host asks for it, two facts: membership and the right to vote. Your name is not asked for.",
        ),
        say(
            "투표할 때: 아무것도. 로그인도 쿠키도 없고, 표에는 누구의 것인지 적혀 있지 않습니다.",
            "When voting: nothing. There is no login and no cookie, and the ballot does not say whose it is.",
        ),
        say(
            "공개 기록에 남는 것: 암호화된 표와 추적 코드. 무엇을 골랐는지는 합계로만 열립니다.",
            "In the public record: the encrypted ballot and its tracking code. What was chosen is opened in sums only.",
        ),
        say(
            "내기 전에 두 번째 기기로 표를 확인해 볼 수 있습니다. 확인한 표는 버리고 새로 만듭니다.",
            "Before casting you may check the ballot on a second device. A checked ballot is thrown away and made anew.",
        ),
    ];
    let list: Html = shown.iter().map(|line| el(Tag::LI).with(line.of(lang))).collect();
    el(Tag::UL).with(list).into()
}
