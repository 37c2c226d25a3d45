//! What pages say.

use crate::outcome::Progress;
use http::StatusCode;
use sinpyo_openid4vp::verifier::Status;
use sinpyo_web::lang::{Lang, Say, say};

/// What the waiting page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// The QR code, or the button that opens the wallet.
    Ask,
    /// The same, after another link was made.
    Renew,
    /// A wallet has the request.
    Busy,
    /// A number to choose on the phone.
    Number(u8),
    /// The wallet is to bring the browser back.
    Returning,
    Accepted,
    Declined,
    Refused,
    Expired,
}

impl View {
    /// What `progress` shows while the request can still be answered, or no more.
    pub(crate) const fn of(progress: &Progress, is_open: bool) -> Self {
        match progress.status {
            Some(Status::Waiting) => Self::Ask,
            Some(Status::Expired) if is_open => Self::Renew,
            Some(Status::Scanned) if is_open => Self::Busy,
            Some(Status::Confirming { number }) => Self::Number(number),
            Some(Status::Returning) => Self::Returning,
            Some(Status::Accepted | Status::Delivered) => Self::Accepted,
            Some(Status::Denied) => Self::Declined,
            Some(Status::Refused | Status::Hijacked) => Self::Refused,
            Some(Status::Expired | Status::Scanned) | None => Self::Expired,
        }
    }

    /// Its word in the address of the events of a page.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Renew => "renew",
            Self::Busy => "busy",
            Self::Number(_) => "number",
            Self::Returning => "returning",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }

    /// The word for its look.
    pub(crate) const fn look(self) -> &'static str {
        match self {
            Self::Ask | Self::Renew | Self::Busy | Self::Number(_) | Self::Returning => "waiting",
            Self::Accepted => "done",
            Self::Declined | Self::Refused | Self::Expired => "failed",
        }
    }

    /// How far it is, in a sentence.
    pub(crate) const fn told(self) -> Say {
        match self {
            Self::Ask => say("지갑을 기다리고 있습니다", "Waiting for your wallet"),
            Self::Renew => say("새 QR 코드를 만들고 있습니다", "Making another QR code"),
            Self::Busy => say(
                "지갑이 요청을 받았습니다. 휴대전화에서 내용을 확인하고 동의해 주세요",
                "Your wallet has the request. Check it on your phone and agree",
            ),
            Self::Number(_) => {
                say("휴대전화 화면에서 아래 번호를 골라 주세요", "Choose the number below on your phone")
            }
            Self::Returning => say(
                "지갑이 이 브라우저로 돌아오면 끝납니다",
                "It is done when your wallet brings you back to this browser",
            ),
            Self::Accepted => say("확인되었습니다", "Confirmed"),
            Self::Declined => say("제시하지 않았습니다", "Nothing was presented"),
            Self::Refused => say("확인할 수 없었습니다", "It could not be confirmed"),
            Self::Expired => say("시간이 지났습니다", "The time is over"),
        }
    }
}

pub(crate) const ASK: Say = say("자격증명을 제시해 주세요", "Present your credential");
pub(crate) const SCAN: Say =
    say("휴대전화의 지갑 앱으로 QR 코드를 찍으세요.", "Scan the QR code with the wallet on your phone.");
pub(crate) const OPEN: Say = say("이 기기의 지갑 열기", "Open the wallet on this device");
pub(crate) const QR: Say = say("제시 요청 QR 코드", "QR code of the request");
pub(crate) const ON_DEVICE: Say = say(
    "아래 단추를 누르면 이 기기의 지갑 앱이 열립니다. 동의하면 이 브라우저로 돌아옵니다.",
    "The button opens the wallet app on this device. Once you have agreed, you come back to this browser.",
);
pub(crate) const WHAT: Say = say("요청하는 내용", "What is asked for");
pub(crate) const WHOLE: Say = say("자격증명 확인만", "only that you have it");
pub(crate) const RETENTION: Say = say(
    "기관이 제시 원본을 증거로 {}일 동안 암호화해 보관합니다.",
    "The institution keeps what you present as evidence, encrypted, for {} days.",
);
pub(crate) const FIRST_SCAN: Say = say("요청", "Request");
pub(crate) const STEP_WALLET: Say = say("지갑에서 동의", "Agree in your wallet");
pub(crate) const STEP_NUMBER: Say = say("번호 확인", "Compare the number");
pub(crate) const STEP_DONE: Say = say("완료", "Done");
pub(crate) const BACK: Say = say("돌아가기", "Go back");
pub(crate) const GO_ON: Say = say("계속하기", "Continue");
pub(crate) const DONE: Say = say(
    "제시한 자격증명을 확인했습니다. 원래 하던 화면으로 돌아가 주세요.",
    "What you presented was confirmed. Please go back to where you came from.",
);
pub(crate) const NOTHING_SENT: Say = say(
    "지갑이 자격증명을 보내지 않았습니다. 아무 정보도 전달되지 않았습니다.",
    "Your wallet sent no credential. Nothing was handed over.",
);
/// What to do when the wallet has nothing that fits, or the holder did not want to.
pub(crate) const NO_CREDENTIAL: [Say; 3] = [
    say(
        "거절을 눌렀다면: 돌아가서 처음부터 다시 시작할 수 있습니다.",
        "If you declined: go back and start again whenever you like.",
    ),
    say(
        "지갑에 맞는 자격증명이 없다면: 아래 ‘요청하는 내용’의 자격증명을 발급 기관에서 먼저 받은 뒤 다시 시도해 주세요.",
        "If your wallet has no such credential: get the one that is asked for below from its issuer first, then try again.",
    ),
    say(
        "자격증명이 있는데도 보이지 않는다면: 유효 기간이 지났거나 정지·폐지되지 않았는지 지갑에서 확인하고, 필요하면 다시 \
         발급받아 주세요.",
        "If you have it and it is not shown: see in your wallet whether it has expired or was withdrawn, and get a new one.",
    ),
];
pub(crate) const EXPIRED: Say = say(
    "요청의 유효 시간이 지났습니다. 돌아가서 처음부터 다시 시작해 주세요.",
    "The request has run out. Please go back and start again.",
);
pub(crate) const DIGITAL: Say = say("브라우저의 지갑으로 제시", "Present by the browser's wallet");
pub(crate) const DIGITAL_ABSENT: Say = say(
    "이 브라우저는 지갑을 직접 부르지 못합니다. QR 코드로 제시해 주세요.",
    "This browser cannot call a wallet. Please use the QR code.",
);
pub(crate) const DIGITAL_FAILED: Say = say(
    "지갑이 응답하지 않았습니다. 다시 시도하거나 QR 코드로 제시해 주세요.",
    "The wallet did not answer. Try again, or use the QR code.",
);
pub(crate) const BY_QR: Say = say("QR 코드로 제시", "Use a QR code");
pub(crate) const CHOOSE: Say = say("번호를 골라 주세요", "Choose the number");
pub(crate) const CHOOSE_LEAD: Say = say(
    "요청을 시작한 화면에 보이는 번호를 고르세요. 그래야 본인이 시작한 요청임을 확인합니다.",
    "Choose the number on the screen where you started. It shows that it was you who started.",
);
pub(crate) const NO_NUMBER: Say =
    say("보이는 화면이 없거나 번호가 다릅니다", "There is no such screen, or another number");
pub(crate) const NO_NUMBER_WHY: Say = say(
    "다른 사람이 보낸 QR 코드나 링크였다면 이 단추를 누르세요. 아무에게도 전달되지 않습니다.",
    "Press this if somebody sent you the QR code or the link. Nobody will get anything.",
);
pub(crate) const CHOSEN: Say = say("확인되었습니다", "Confirmed");
pub(crate) const CHOSEN_LEAD: Say = say(
    "이 화면은 닫고, 요청을 시작한 화면에서 계속해 주세요.",
    "Close this page and go on where you started.",
);
pub(crate) const STOPPED: Say = say("제시를 중단했습니다", "The presentation was stopped");
pub(crate) const STOPPED_LEAD: Say = say(
    "번호가 맞지 않아 결과를 아무에게도 전달하지 않았습니다. 본인이 시작했다면 처음부터 다시 시도해 주세요.",
    "The number was not the one on the screen, and nobody gets the result. If it was you who started, please start again.",
);

/// Why what was presented was refused, as far as it helps the one who presented it.
pub(crate) fn refused(rule: Option<&str>) -> Say {
    match rule {
        Some("VP-07") => say(
            "폐지된 자격증명입니다. 발급 기관에 문의해 주세요.",
            "The credential was revoked. Please ask its issuer.",
        ),
        Some("VP-08") => say(
            "정지된 자격증명입니다. 발급 기관에서 정지를 풀면 다시 제시할 수 있습니다.",
            "The credential is suspended. You can present it again once its issuer reinstates it.",
        ),
        Some("VP-RSP-05b" | "VP-FIX-01a") => say(
            "요청을 시작한 브라우저가 아닌 곳에서 응답이 와서 중단했습니다. 본인이 시작했다면 처음부터 다시 시도해 주세요.",
            "The response came from elsewhere than the browser that started, so it was stopped. If that was you, start again.",
        ),
        Some("VP-06" | "VP-20") => say(
            "이 기관이 인정하는 발급 기관의 자격증명이 아닙니다.",
            "The credential is not by an issuer that this institution accepts.",
        ),
        _ => say(
            "제시한 자격증명이 요청에 맞지 않거나 진위를 확인할 수 없습니다. 지갑에서 자격증명을 새로 받은 뒤 다시 시도해 주세요.",
            "What was presented does not fit the request, or could not be verified. Get a new credential and try again.",
        ),
    }
}

/// A refusal of a page: its title, and what to do.
pub(crate) fn refusal(rule: &str, status: StatusCode) -> (Say, Say) {
    let title = say("이 화면을 열 수 없습니다", "This page cannot be opened");
    let text = match (rule, status.as_u16()) {
        ("VSV-10", _) => say(
            "이 요청은 다른 브라우저에서 시작되었습니다. 시작한 브라우저에서 계속하거나, 처음부터 다시 시작해 주세요.",
            "The request was started in another browser. Go on there, or start again.",
        ),
        ("VP-RSP-05" | "VP-RSP-05b", _) => say(
            "요청을 시작한 브라우저가 아니어서 중단했습니다. 아무에게도 전달되지 않았습니다. 다른 사람이 보낸 링크였다면 무시하세요.",
            "This is not the browser that started, so it was stopped. Nobody got anything. If somebody sent you the link, ignore it.",
        ),
        (_, 404 | 410) => say(
            "요청이 끝났거나 없는 주소입니다. 처음부터 다시 시작해 주세요.",
            "The request is over, or there is no such address. Please start again.",
        ),
        (_, 429) => say(
            "요청이 너무 많습니다. 잠시 뒤 다시 시도해 주세요.",
            "Too many requests. Please try again later.",
        ),
        (_, 503) => say(
            "지금은 응답할 수 없습니다. 잠시 뒤 다시 시도해 주세요.",
            "The service cannot answer now. Please try again later.",
        ),
        _ => say(
            "요청을 처리할 수 없습니다. 처음부터 다시 시작해 주세요.",
            "This cannot be done. Please start again.",
        ),
    };
    (title, text)
}

/// Whatever a text leaves room for.
pub(crate) fn with(text: Say, lang: Lang, value: &str) -> String {
    text.of(lang).replace("{}", value)
}
