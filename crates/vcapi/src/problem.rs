//! Refusals: Problem Details that name the rule, the place and the mend, in English and Korean [RFC 9457].

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};
use sinpyo_core::status::bitstring_problem;
use std::{error::Error, fmt::Display};

const STATUS_LIST: &str = "https://www.w3.org/ns/credentials/status-list#";

/// What a rule says to people; the catalogue is the caller's.
#[derive(Clone, Copy, Debug)]
pub struct RuleText {
    /// The rule in English.
    pub en: &'static str,
    /// The rule in Korean.
    pub ko: &'static str,
    /// What to do about a breach, in English and Korean.
    pub mend: Option<(&'static str, &'static str)>,
}

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

/// Texts of one kind: the type, a title in both languages, and the mend if the rule names none.
struct Words {
    url: &'static str,
    title: (&'static str, &'static str),
    mend: (&'static str, &'static str),
}

impl Kind {
    fn words(self) -> &'static Words {
        static NONE: Words = Words { url: "about:blank", title: ("", ""), mend: ("", "") };
        WORDS.iter().find(|(kind, _)| *kind == self).map_or(&NONE, |(_, words)| words)
    }
}

/// The texts of each kind.
static WORDS: [(Kind, Words); 15] = [
    (
        Kind::Request,
        Words {
            url: "https://www.w3.org/TR/vc-data-model#PARSING_ERROR",
            title: ("the request is not acceptable", "요청을 받아들일 수 없음"),
            mend: ("send what /openapi.json describes", "/openapi.json의 설명대로 요청을 보낸다"),
        },
    ),
    (
        Kind::UnknownOption,
        Words {
            url: "https://www.w3.org/TR/vcalm#UNKNOWN_OPTION_PROVIDED",
            title: ("unknown option", "알 수 없는 옵션"),
            mend: ("leave the option out", "해당 옵션을 뺀다"),
        },
    ),
    (
        Kind::Malformed,
        Words {
            url: "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
            title: ("malformed document", "잘못된 형식의 문서"),
            mend: ("correct the member at the pointer", "pointer가 가리키는 항목을 고친다"),
        },
    ),
    (
        Kind::Transformation,
        Words {
            url: "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR",
            title: ("the document has no certain meaning", "문서의 의미가 확정되지 않음"),
            mend: ("define every term in a registered context", "모든 용어를 등록된 컨텍스트에서 정의한다"),
        },
    ),
    (
        Kind::Generation,
        Words {
            url: "https://w3id.org/security#PROOF_GENERATION_ERROR",
            title: ("no proof was made", "증명을 만들지 못함"),
            mend: ("correct what is to be secured", "보호할 내용을 고친다"),
        },
    ),
    (
        Kind::Verification,
        Words {
            url: "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
            title: ("the proof does not verify", "증명 검증 실패"),
            mend: (
                "obtain the document anew from whoever signed it, and change nothing in it",
                "서명자에게서 문서를 다시 받고 내용을 바꾸지 않는다",
            ),
        },
    ),
    (
        Kind::Domain,
        Words {
            url: "https://w3id.org/security#INVALID_DOMAIN_ERROR",
            title: ("made for another domain", "다른 도메인용 증명"),
            mend: ("ask for a proof with this domain", "이 도메인으로 증명을 다시 요청한다"),
        },
    ),
    (
        Kind::Challenge,
        Words {
            url: "https://w3id.org/security#INVALID_CHALLENGE_ERROR",
            title: ("answers another challenge", "다른 챌린지에 대한 증명"),
            mend: ("ask for a proof with this challenge", "이 챌린지로 증명을 다시 요청한다"),
        },
    ),
    (
        Kind::Validity,
        Words {
            url: "https://www.w3.org/TR/vc-data-model#RANGE_ERROR",
            title: ("not within its validity", "유효기간이 아님"),
            mend: ("obtain a credential that is valid now", "현재 유효한 자격증명을 받는다"),
        },
    ),
    (
        Kind::Status,
        Words {
            url: STATUS_LIST,
            title: ("the status forbids acceptance", "상태 때문에 받아들일 수 없음"),
            mend: ("ask the issuer for a new credential", "발급자에게 새 자격증명을 요청한다"),
        },
    ),
    (
        Kind::StatusRetrieval,
        Words {
            url: STATUS_LIST,
            title: ("the status cannot be had", "상태를 확인할 수 없음"),
            mend: (
                "try again when the issuer's list can be reached",
                "발급자의 목록에 연결될 때 다시 시도한다",
            ),
        },
    ),
    (
        Kind::Resolution,
        Words {
            url: "https://www.w3.org/ns/did#NOT_FOUND",
            title: ("the DID cannot be resolved", "DID를 확인할 수 없음"),
            mend: ("publish the DID document, or use another DID", "DID 문서를 게시하거나 다른 DID를 쓴다"),
        },
    ),
    (
        Kind::Absent,
        Words {
            url: "about:blank",
            title: ("not found", "찾을 수 없음"),
            mend: ("see /openapi.json for what is here", "/openapi.json에서 제공 기능을 확인한다"),
        },
    ),
    (
        Kind::Access,
        Words {
            url: "about:blank",
            title: ("not permitted", "허용되지 않음"),
            mend: ("obtain an access token with the scope", "필요한 범위의 접근 토큰을 받는다"),
        },
    ),
    (
        Kind::Server,
        Words {
            url: "about:blank",
            title: ("the server cannot answer", "서버가 응답할 수 없음"),
            mend: ("try again later", "나중에 다시 시도한다"),
        },
    ),
];

/// One breach of one rule.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    kind: Kind,
    rule: &'static str,
    detail: String,
    pointer: Option<String>,
}

impl Problem {
    /// The breach of `rule`, whose text `detail` says nothing of what the document claims.
    pub(crate) fn new(kind: Kind, rule: &'static str, detail: &dyn Display) -> Self {
        Self { kind, rule, detail: detail.to_string(), pointer: None }
    }

    /// At a place in the body of the request: a JSON pointer [RFC 6901].
    pub(crate) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Puts `prefix` before the place.
    pub(crate) fn under(mut self, prefix: &str) -> Self {
        self.pointer = Some(format!("{prefix}{}", self.pointer.unwrap_or_default()));
        self
    }

    /// The refusal of a request for this problem alone.
    pub(crate) fn refuse(self, status: StatusCode) -> Refusal {
        Refusal { status, problems: vec![self], headers: Vec::new(), error: None }
    }

    /// [`Problem::refuse`] with 400.
    pub(crate) fn bad(self) -> Refusal {
        self.refuse(StatusCode::BAD_REQUEST)
    }

    /// The problem type; status lists have several.
    fn type_url(&self, usual: &str) -> String {
        match self.kind {
            Kind::Status | Kind::StatusRetrieval => format!("{STATUS_LIST}{}", bitstring_problem(self.rule)),
            _ => usual.to_owned(),
        }
    }

    /// The members of RFC 9457, and ours.
    pub(crate) fn to_json(&self, catalogue: fn(&str) -> Option<RuleText>) -> Map<String, Value> {
        let words = self.kind.words();
        let text = catalogue(self.rule);
        let mend = text.and_then(|text| text.mend).unwrap_or(words.mend);
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
        put("type", json!(self.type_url(words.url)));
        put("title", json!(words.title.0));
        put("title_ko", json!(words.title.1));
        put("detail", json!(self.detail));
        put("detail_ko", json!(text.map_or(words.title.1, |text| text.ko)));
        put("rule", json!(self.rule));
        put("mend", json!(mend.0));
        put("mend_ko", json!(mend.1));
        if let Some(pointer) = &self.pointer {
            put("pointer", json!(pointer));
        }
        members
    }
}

/// Why a request is refused: at least one problem, the first of which stands for all.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) problems: Vec<Problem>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// The word of OAuth for it, at the endpoint that gives tokens [RFC 6749 §5.2].
    pub(crate) error: Option<&'static str>,
}

impl Refusal {
    /// The refusal for all of `problems`; none if there are none.
    pub(crate) fn of(problems: Vec<Problem>) -> Option<Self> {
        let refusal = Self { status: StatusCode::BAD_REQUEST, problems, headers: Vec::new(), error: None };
        (!refusal.problems.is_empty()).then_some(refusal)
    }

    /// The refusal when the store fails, or a key or a record of ours is not what it was.
    pub(crate) fn failed(error: &dyn Error) -> Self {
        Problem::new(Kind::Server, "VCA-19", &error).refuse(StatusCode::SERVICE_UNAVAILABLE) // [VCA-19]
    }

    /// Adds a header to the answer.
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The first problem's members, the status, and all problems.
    pub(crate) fn to_json(&self, catalogue: fn(&str) -> Option<RuleText>) -> Map<String, Value> {
        let all: Vec<_> = self.problems.iter().map(|problem| problem.to_json(catalogue)).collect();
        let mut members = all.first().cloned().unwrap_or_default();
        members.insert("status".to_owned(), json!(self.status.as_u16()));
        members.insert("errors".to_owned(), json!(all));
        if let Some(error) = self.error {
            members.insert("error".to_owned(), json!(error));
        }
        members
    }
}
