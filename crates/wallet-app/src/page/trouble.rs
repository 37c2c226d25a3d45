//! What went wrong, in words for people, with the rule for those who look into it.

use super::miss::reason;
use crate::{present::PresentFlowError, receive::ReceiveFlowError, vote::VoteFlowError};
use sinpyo_openid4vci::wallet::ReceiveError;
use sinpyo_voting::voter::{Refusal, VoterError};
use sinpyo_wallet::{AskError, ReviewError};
use sinpyo_web::{
    component::{Tone, Weight, details, notice},
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
};

/// What went wrong.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    words: Say,
    /// The rule, and what it says to a developer.
    because: Option<(&'static str, String)>,
    /// Whether the same may go well later.
    pub(crate) is_passing: bool,
}

const RULE: Say = say("자세한 내용", "Details");

impl Trouble {
    pub(crate) const fn plain(words: Say) -> Self {
        Self { words, because: None, is_passing: false }
    }

    /// The wallet could not be kept; it can be tried again.
    pub(crate) fn storage() -> Self {
        let words = say(
            "지갑을 저장하지 못했습니다. 아무것도 보내지 않았습니다.",
            "The wallet could not be saved. Nothing was sent.",
        );
        Self { is_passing: true, ..Self::plain(words) }
    }

    pub(crate) fn html(&self, lang: Lang) -> Html {
        let because = self.because.as_ref().map(|(rule, error)| {
            let rule = el(Tag::CODE).with(*rule);
            details(RULE.of(lang), el(Tag::P).with(rule).with(" ").with(Html::foreign(error)))
        });
        notice(Tone::Bad, Html::from(el(Tag::P).with(self.words.of(lang))).and(because)).into()
    }
}

/// How the button for trying again looks: it is not the thing to do after a trouble that stays.
pub(crate) fn retry(trouble: Option<&Trouble>) -> Weight {
    if trouble.is_none_or(|trouble| trouble.is_passing) { Weight::Primary } else { Weight::Secondary }
}

/// A code was typed, and the issuer refused. It says no more than that, so that nobody finds out codes by asking.
const OTHER_CODE: Say = say(
    "거래 코드가 맞지 않습니다. 받은 코드를 확인하고 다시 입력하세요. 코드가 맞다면 제안이 만료되었거나 이미 사용된 것이니 발급기관에 새 제안을 요청하세요.",
    "The transaction code is wrong. Check it and enter it again. If it is right, the offer has expired or was used: ask the issuer for a new one.",
);

impl ReceiveFlowError {
    /// What went wrong and what to do, in words for the holder, who `typed` a transaction code or did not.
    pub fn told(&self, typed: Typed, lang: Lang) -> String {
        let words = match typed {
            Typed::Code if self.is_about_code() => OTHER_CODE,
            _ => of_receive(self).words,
        };
        words.of(lang).to_owned()
    }
}

/// Whether the holder typed a transaction code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A code.
    Code,
    /// None.
    Nothing,
}

impl PresentFlowError {
    /// What went wrong, what is missing and what to do, in words for the holder.
    pub fn told(&self, lang: Lang) -> String {
        let mut told = of_present(self).words.of(lang).to_owned();
        if let Self::Review(ReviewError::Unanswerable { misses }) = self {
            for missed in misses {
                let (why, todo, path) = reason(&missed.miss);
                let about = path.map(|path| format!(" ({path})")).unwrap_or_default();
                let why = format!("{}{about} {}", why.of(lang), todo.of(lang));
                told.extend(["\n  ", missed.query.as_str(), ": ", &why]);
            }
        }
        told
    }
}

const UNREACHABLE: Say = say(
    "상대 서버가 응답하지 않습니다. 잠시 뒤 다시 시도하세요.",
    "The other side does not answer. Try again in a while.",
);

pub(crate) fn of_receive(error: &ReceiveFlowError) -> Trouble {
    let words = match error {
        ReceiveFlowError::Unreachable | ReceiveFlowError::Receiving(ReceiveError::Status(_)) => UNREACHABLE,
        ReceiveFlowError::Offer(_) => say(
            "발급 제안을 읽을 수 없습니다. 받은 링크가 온전한지 확인하세요.",
            "The offer cannot be read. Check that the link is complete.",
        ),
        ReceiveFlowError::Discovery(_) => say(
            "발급기관의 정보를 확인할 수 없어 멈췄습니다. 발급 번호는 쓰지 않았습니다.",
            "The issuer's information cannot be checked, so we stopped. No code was spent.",
        ),
        ReceiveFlowError::Receiving(ReceiveError::TxCode) => {
            say("확인 번호를 입력하세요.", "Enter the code.")
        }
        ReceiveFlowError::Receiving(ReceiveError::Reply(_)) => say(
            "발급기관이 거절했습니다. 확인 번호가 틀렸거나, 제안이 만료되었거나, 이미 사용된 제안일 수 있습니다. 발급기관에 새 제안을 요청하세요.",
            "The issuer refused. The code may be wrong, or the offer expired or used. Ask the issuer for a new one.",
        ),
        ReceiveFlowError::Receiving(ReceiveError::Redirect(_)) => say(
            "발급기관의 페이지에서 취소했거나 거절되었습니다.",
            "It was cancelled or refused on the issuer's page.",
        ),
        ReceiveFlowError::Receiving(_) => {
            say("발급기관이 자격증명을 내주지 않았습니다.", "The issuer did not hand out the credential.")
        }
        ReceiveFlowError::Credential(_)
        | ReceiveFlowError::Hold(_)
        | ReceiveFlowError::OtherType
        | ReceiveFlowError::UnknownIssuer => say(
            "받은 자격증명이 진짜인지 확인할 수 없어 지갑에 담지 않았습니다.",
            "What came could not be verified, so it was not put into the wallet.",
        ),
        ReceiveFlowError::NoProof | ReceiveFlowError::NoBrowser => say(
            "이 지갑이 지원하지 않는 방식으로 발급하는 기관입니다.",
            "This issuer issues in a way that this wallet does not support.",
        ),
        _ => say("계속할 수 없습니다. 처음부터 다시 시도하세요.", "This cannot go on. Begin again."),
    };
    Trouble { words, because: Some((error.code(), error.to_string())), is_passing: error.is_passing() }
}

pub(crate) fn of_present(error: &PresentFlowError) -> Trouble {
    let words = match error {
        PresentFlowError::Unreachable => UNREACHABLE,
        PresentFlowError::Invitation(_) | PresentFlowError::Parse(_) | PresentFlowError::Fetch(_) => say(
            "제시 요청을 읽을 수 없습니다. 만료되었거나 링크가 온전하지 않을 수 있습니다. 서비스에서 새 요청을 받으세요.",
            "The request cannot be read. It may have expired, or the link is not complete. Get a new one from the service.",
        ),
        PresentFlowError::Refused(_) | PresentFlowError::UnknownVerifier => say(
            "누가 요청했는지 확인할 수 없어 멈췄습니다. 아무것도 보내지 않았습니다.",
            "Who asks could not be verified, so we stopped. Nothing was sent.",
        ),
        PresentFlowError::NotRegistered => say(
            "등록되지 않은 서비스 이름으로 요청했습니다. 아무것도 보내지 않았습니다.",
            "It asks in the name of a service that it is not registered for. Nothing was sent.",
        ),
        PresentFlowError::Ask(AskError::Scope(_)) => say(
            "이 기관이 요청할 수 있도록 등록된 것보다 많은 정보를 요청했습니다. 아무것도 보내지 않았습니다.",
            "It asks for more than it is registered to ask for. Nothing was sent.",
        ),
        PresentFlowError::Ask(_) => say(
            "요청한 기관의 등록이 유효하지 않습니다. 아무것도 보내지 않았습니다.",
            "The registration of who asks is not in force. Nothing was sent.",
        ),
        PresentFlowError::Transaction(_) => say(
            "이 지갑이 보여 드릴 수 없는 거래를 승인하라고 합니다. 내용을 보지 못한 것은 승인할 수 없습니다.",
            "It asks you to authorise something that this wallet cannot show you. What cannot be seen cannot be authorised.",
        ),
        PresentFlowError::Posted(_) => say(
            "답을 보냈지만 상대가 받아들이지 않았습니다.",
            "The answer was sent, and the other side did not take it.",
        ),
        PresentFlowError::Review(_) => {
            say("요청에 맞는 자격증명이 없습니다.", "No credential fits the request.")
        }
        _ => say(
            "답을 만들 수 없습니다. 아무것도 보내지 않았습니다.",
            "No answer can be made. Nothing was sent.",
        ),
    };
    Trouble { words, because: Some((error.code(), error.to_string())), is_passing: error.is_passing() }
}

pub(crate) fn of_vote(error: &VoteFlowError) -> Trouble {
    let words = match error {
        VoteFlowError::Present(error) => return of_present(error),
        VoteFlowError::Unreachable => UNREACHABLE,
        VoteFlowError::Voter(error) => of_voter(error),
        VoteFlowError::OtherHost => say(
            "이 지갑이 아는 투표와 같은 번호인데 연 곳이나 주소가 다릅니다. 가짜 안내문일 수 있습니다.",
            "An election of this identifier is known from another host or address. The notice may be a fake.",
        ),
        VoteFlowError::Address => say(
            "이 지갑이 연결하지 않는 주소입니다.",
            "This is an address that the wallet does not speak to.",
        ),
        VoteFlowError::NoCode => say("등록 코드를 입력하세요.", "Enter the registration code."),
        VoteFlowError::NotOpen => say("지금은 투표할 수 없습니다.", "Ballots are not taken now."),
        VoteFlowError::Credential(_)
        | VoteFlowError::Hold(_)
        | VoteFlowError::OtherCredential
        | VoteFlowError::UnknownIssuer => say(
            "명부에는 올랐지만, 함께 온 선거인 증명서를 확인할 수 없어 지갑에 담지 않았습니다. 투표에는 필요하지 않습니다.",
            "You are in the roll. The certificate that came along could not be verified, so it was not put into the wallet; voting does not need it.",
        ),
        _ => say("계속할 수 없습니다. 처음부터 다시 시도하세요.", "This cannot go on. Begin again."),
    };
    Trouble { words, because: Some((error.code(), error.to_string())), is_passing: error.is_passing() }
}

const fn of_voter(error: &VoterError) -> Say {
    match error {
        VoterError::NotYet => say(
            "아직 공개 기록에 나타나지 않았습니다. 잠시 뒤 다시 확인하세요.",
            "It is not in the public record yet. Look again in a while.",
        ),
        VoterError::Status(_) => UNREACHABLE,
        VoterError::Refused(refusal) => of_refusal(*refusal),
        VoterError::NoToken => NO_TOKEN,
        VoterError::WentBack | VoterError::Forked => say(
            "선거 기록이 전에 본 것과 이어지지 않습니다. 누군가 기록을 되돌렸거나 바꿨습니다. 참관인에게 알리세요.",
            "The election's record does not continue what was seen before: somebody set it back or changed it. Tell the observers.",
        ),
        VoterError::NotInRoll => say(
            "명부에서 내 등록을 찾을 수 없거나 등록이 바뀌었습니다. 투표하지 말고 참관인에게 알리세요.",
            "Your registration is not in the roll, or it was changed. Do not vote, and tell the observers.",
        ),
        VoterError::Receipt => say(
            "받은 영수증이 내 투표지의 것이 아닙니다. 참관인에게 알리세요.",
            "The receipt is not for your ballot. Tell the observers.",
        ),
        VoterError::Package => say(
            "이 코드로는 올바른 투표지가 만들어지지 않습니다. 그 기기의 지갑을 믿지 마세요.",
            "This code makes no valid ballot. Do not trust the wallet of that device.",
        ),
        VoterError::OtherElection => say(
            "찾던 투표가 아니거나 다른 곳이 연 투표입니다.",
            "This is not the election that you looked for, or somebody else holds it.",
        ),
        VoterError::Ceremony
        | VoterError::Context
        | VoterError::Head(_)
        | VoterError::Log
        | VoterError::Event(_) => say(
            "선거의 공개 기록이 서로 맞지 않습니다. 투표하지 말고 참관인에게 알리세요.",
            "The election's public record does not fit together. Do not vote, and tell the observers.",
        ),
        VoterError::Link => say("투표의 링크가 아닙니다.", "This is no link of an election."),
        VoterError::Relay => say(
            "투표지를 보낼 중계 서버의 주소로 누구의 표인지 알아낼 수 있습니다. 투표하지 말고 참관인에게 알리세요.",
            "The address of the relay for ballots could tell whose ballot it is. Do not vote, and tell the observers.",
        ),
        VoterError::OtherWay => say(
            "투표지를 보내는 길이 전과 다릅니다. 투표의 화면에서 먼저 살펴보세요. 아무것도 보내지 않았습니다.",
            "Ballots are to go another way than before. Look at it on the election's page first. Nothing was sent.",
        ),
        _ => say("선거 서버의 답을 이해할 수 없습니다.", "The answer of the service cannot be understood."),
    }
}

const NO_TOKEN: Say = say(
    "투표지를 낼 때 쓰는 우표(참여 토큰)가 이미 쓰였거나 남아 있지 않습니다. 선거 사무소에 문의하세요.",
    "The postage (admission token) for a ballot was used or is gone. Ask the election office.",
);

const fn of_refusal(refusal: Refusal) -> Say {
    match refusal {
        Refusal::Code => say(
            "등록 코드가 맞지 않거나 이미 쓰였습니다. 안내문을 확인하고, 맞다면 선거 사무소에 알리세요.",
            "The code is wrong or was used. Check your notice; if it is right, tell the election office.",
        ),
        Refusal::Nonce => {
            say("시간이 지났습니다. 등록 코드를 다시 입력하세요.", "It took too long. Enter the code again.")
        }
        Refusal::Presentation => say(
            "보여 준 증명서로는 선거인으로 등록할 수 없습니다.",
            "What was shown does not give the right to vote here.",
        ),
        Refusal::Closed => say("지금은 그 기간이 아닙니다.", "This is not the time for it."),
        Refusal::Duplicate => say(
            "이미 투표하셨고, 이 투표에서는 처음 표만 셉니다.",
            "You have voted already, and here the first ballot counts.",
        ),
        Refusal::Token => NO_TOKEN,
        _ => say("선거 서버가 받아들이지 않았습니다.", "The service refused it."),
    }
}
