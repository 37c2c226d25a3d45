//! What goes wrong here, in the words of the specifications.

use http::StatusCode;
use serde_json::{Map, Value, json};
use sinpyo_core::status::bitstring_problem;
use sinpyo_web::{
    lang::say,
    problem::{Problem, Refusal, RuleText, Words},
};
use std::{error::Error, fmt::Display};

const STATUS_LIST: &str = "https://www.w3.org/ns/credentials/status-list#";

/// What went wrong, as the specifications classify it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The request is not what the interface takes.
    Request,
    /// An option that nobody knows [VCALM].
    UnknownOption,
    /// A document that breaks its data model [VCDM 2.0 §9].
    Malformed,
    /// A document without certain meaning, or without canonical form [VC-DI §4.7].
    Transformation,
    /// A proof that could not be made [VC-DI §4.7].
    Generation,
    /// A proof that does not verify [VC-DI §4.7].
    Verification,
    /// A proof for somebody else [VC-DI §4.7].
    Domain,
    /// A proof that answers another challenge [VC-DI §4.7].
    Challenge,
    /// A time that does not include now.
    Validity,
    /// A status that does not permit acceptance, or cannot be read [BSL §3.5].
    Status,
    /// A status list that cannot be fetched [BSL §3.5].
    StatusRetrieval,
    /// A DID that cannot be resolved.
    Resolution,
    /// Something that is not here.
    Absent,
    /// Something that the caller may not do.
    Access,
    /// The server's own failure.
    Server,
}

impl Kind {
    /// The breach of `rule`, whose text `detail` says nothing of what the document claims.
    pub(crate) fn problem(self, rule: &'static str, detail: &dyn Display) -> Problem {
        static NONE: Words = Words { url: "about:blank", title: say("", ""), mend: say("", "") };
        let words = WORDS.iter().find(|(kind, _)| *kind == self).map_or(&NONE, |(_, words)| words);
        let problem = Problem::new(words, rule, detail);
        match self {
            // Status lists have several types of problems.
            Self::Status | Self::StatusRetrieval => {
                problem.of_type(format!("{STATUS_LIST}{}", bitstring_problem(rule)))
            }
            _ => problem,
        }
    }
}

/// The texts of each kind.
static WORDS: [(Kind, Words); 15] = [
    (
        Kind::Request,
        Words {
            url: "https://www.w3.org/TR/vc-data-model#PARSING_ERROR",
            title: say("요청을 받아들일 수 없음", "the request is not acceptable"),
            mend: say("/openapi.json의 설명대로 요청을 보낸다", "send what /openapi.json describes"),
        },
    ),
    (
        Kind::UnknownOption,
        Words {
            url: "https://www.w3.org/TR/vcalm#UNKNOWN_OPTION_PROVIDED",
            title: say("알 수 없는 옵션", "unknown option"),
            mend: say("해당 옵션을 뺀다", "leave the option out"),
        },
    ),
    (
        Kind::Malformed,
        Words {
            url: "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
            title: say("잘못된 형식의 문서", "malformed document"),
            mend: say("pointer가 가리키는 항목을 고친다", "correct the member at the pointer"),
        },
    ),
    (
        Kind::Transformation,
        Words {
            url: "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR",
            title: say("문서의 의미가 확정되지 않음", "the document has no certain meaning"),
            mend: say(
                "모든 용어를 등록된 컨텍스트에서 정의한다",
                "define every term in a registered context",
            ),
        },
    ),
    (
        Kind::Generation,
        Words {
            url: "https://w3id.org/security#PROOF_GENERATION_ERROR",
            title: say("증명을 만들지 못함", "no proof was made"),
            mend: say("보호할 내용을 고친다", "correct what is to be secured"),
        },
    ),
    (
        Kind::Verification,
        Words {
            url: "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
            title: say("증명 검증 실패", "the proof does not verify"),
            mend: say(
                "서명자에게서 문서를 다시 받고 내용을 바꾸지 않는다",
                "obtain the document anew from whoever signed it, and change nothing in it",
            ),
        },
    ),
    (
        Kind::Domain,
        Words {
            url: "https://w3id.org/security#INVALID_DOMAIN_ERROR",
            title: say("다른 도메인용 증명", "made for another domain"),
            mend: say("이 도메인으로 증명을 다시 요청한다", "ask for a proof with this domain"),
        },
    ),
    (
        Kind::Challenge,
        Words {
            url: "https://w3id.org/security#INVALID_CHALLENGE_ERROR",
            title: say("다른 챌린지에 대한 증명", "answers another challenge"),
            mend: say("이 챌린지로 증명을 다시 요청한다", "ask for a proof with this challenge"),
        },
    ),
    (
        Kind::Validity,
        Words {
            url: "https://www.w3.org/TR/vc-data-model#RANGE_ERROR",
            title: say("유효기간이 아님", "not within its validity"),
            mend: say("현재 유효한 자격증명을 받는다", "obtain a credential that is valid now"),
        },
    ),
    (
        Kind::Status,
        Words {
            url: STATUS_LIST,
            title: say("상태 때문에 받아들일 수 없음", "the status forbids acceptance"),
            mend: say("발급자에게 새 자격증명을 요청한다", "ask the issuer for a new credential"),
        },
    ),
    (
        Kind::StatusRetrieval,
        Words {
            url: STATUS_LIST,
            title: say("상태를 확인할 수 없음", "the status cannot be had"),
            mend: say(
                "발급자의 목록에 연결될 때 다시 시도한다",
                "try again when the issuer's list can be reached",
            ),
        },
    ),
    (
        Kind::Resolution,
        Words {
            url: "https://www.w3.org/ns/did#NOT_FOUND",
            title: say("DID를 확인할 수 없음", "the DID cannot be resolved"),
            mend: say(
                "DID 문서를 게시하거나 다른 DID를 쓴다",
                "publish the DID document, or use another DID",
            ),
        },
    ),
    (
        Kind::Absent,
        Words {
            url: "about:blank",
            title: say("찾을 수 없음", "not found"),
            mend: say("/openapi.json에서 제공 기능을 확인한다", "see /openapi.json for what is here"),
        },
    ),
    (
        Kind::Access,
        Words {
            url: "about:blank",
            title: say("허용되지 않음", "not permitted"),
            mend: say("필요한 범위의 접근 토큰을 받는다", "obtain an access token with the scope"),
        },
    ),
    (
        Kind::Server,
        Words {
            url: "about:blank",
            title: say("서버가 응답할 수 없음", "the server cannot answer"),
            mend: say("나중에 다시 시도한다", "try again later"),
        },
    ),
];

/// The refusal when the store fails, or a key or a record of ours is not what it was.
pub(crate) fn failed(error: &dyn Error) -> Refusal {
    Kind::Server.problem("VCA-19", &error).refuse(StatusCode::SERVICE_UNAVAILABLE) // [VCA-19]
}

/// The refusal for all of `problems`; none if there are none.
pub(crate) fn all(problems: Vec<Problem>) -> Option<Refusal> {
    Refusal::of(StatusCode::BAD_REQUEST, problems)
}

/// The first problem's members, the status, and all problems.
pub(crate) fn members(refusal: &Refusal, catalogue: fn(&str) -> Option<RuleText>) -> Map<String, Value> {
    let mut members = refusal.to_json(catalogue);
    let all: Vec<_> = refusal.problems().map(|problem| problem.to_json(catalogue)).collect();
    members.insert("errors".to_owned(), json!(all));
    members
}
