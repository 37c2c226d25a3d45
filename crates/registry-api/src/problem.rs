//! Refusals: Problem Details that name the rule and the mend, in English and Korean [RFC 9457].

use crate::answer::with_type;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::json;
use sinpyo_registry::engine::EngineError;
use std::{error::Error, fmt::Display, iter, time::Duration};

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

/// The rule by which a request was refused: in the extensions of the answer, for whoever counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleId(pub &'static str);

/// Why a request is refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    rule: &'static str,
    detail: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// The breach of `rule`; `detail` repeats nothing of what was sent.
    pub(crate) fn new(status: StatusCode, rule: &'static str, detail: &dyn Display) -> Self {
        Self { status, rule, detail: detail.to_string(), headers: Vec::new() }
    }

    /// The breach of `rule` that `error` found, with its causes.
    pub(crate) fn because(status: StatusCode, rule: &'static str, error: &dyn Error) -> Self {
        let causes =
            iter::successors(Some(error), |error: &&dyn Error| -> Option<&dyn Error> { (*error).source() });
        let mut texts: Vec<String> = causes.map(ToString::to_string).collect();
        texts.dedup();
        Self::new(status, rule, &texts.join(": "))
    }

    /// Nothing is here.
    pub(crate) fn absent(rule: &'static str, detail: &dyn Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, rule, detail)
    }

    /// A body in a form that is not read.
    pub(crate) fn media(detail: &'static str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "RGA-04", &detail)
    }

    /// More than one answer may hold.
    pub(crate) fn too_much() -> Self {
        let detail = "the answer would be longer than 16 MiB";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "RGA-20", &detail) // [RGA-20]
    }

    /// No proof was collected.
    pub(crate) fn unproven(error: &EngineError) -> Self {
        match error {
            EngineError::TooMuch => Self::too_much(),
            other => Self::failed(other),
        }
    }

    /// The engine failed. Why, stays with the operator.
    pub(crate) fn failed(error: &dyn Error) -> Self {
        // The first text says what failed and nothing about where: no path, no address, no statement.
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "RGA-11", &error).retry_after(Duration::from_secs(5)) // [RGA-11]
    }

    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs().max(1);
        self.with(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    pub(crate) fn response(&self, catalogue: fn(&str) -> Option<RuleText>) -> Response<Vec<u8>> {
        let words = Words::of(self.status);
        let text = catalogue(self.rule);
        let mend = text.and_then(|text| text.mend).unwrap_or(words.mend);
        let body = json!({
            "type": "about:blank",
            "status": self.status.as_u16(),
            "title": words.title.0,
            "title_ko": words.title.1,
            "detail": self.detail,
            "detail_ko": text.map_or(words.title.1, |text| text.ko),
            "rule": self.rule,
            "mend": mend.0,
            "mend_ko": mend.1,
        });
        let mut response = with_type("application/problem+json", body.to_string().into_bytes());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(RuleId(self.rule));
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        response
    }
}

/// The texts of a status: English and Korean.
struct Words {
    status: u16,
    title: (&'static str, &'static str),
    mend: (&'static str, &'static str),
}

static WORDS: [Words; 11] = [
    Words {
        status: 400,
        title: ("the request is not acceptable", "요청을 받아들일 수 없음"),
        mend: ("send what /openapi.json describes", "/openapi.json의 설명대로 요청을 보낸다"),
    },
    Words {
        status: 403,
        title: ("not admitted", "허용되지 않음"),
        mend: ("ask the operator of the ledger", "원장 운영자에게 문의한다"),
    },
    Words {
        status: 404,
        title: ("not found", "찾을 수 없음"),
        mend: ("see /openapi.json for what is here", "/openapi.json에서 제공 기능을 확인한다"),
    },
    Words {
        status: 405,
        title: ("not a method of this path", "이 경로에서 쓸 수 없는 메서드"),
        mend: ("use a method of the Allow header", "Allow 헤더에 있는 메서드를 쓴다"),
    },
    Words {
        status: 409,
        title: ("something came before", "먼저 처리된 작업이 있음"),
        mend: (
            "read the newest version and sign an operation on top of it",
            "최신 버전을 다시 읽고 그 위에 작업을 서명한다",
        ),
    },
    Words {
        status: 410,
        title: ("out of use for good", "영구히 폐기됨"),
        mend: ("use another DID", "다른 DID를 쓴다"),
    },
    Words {
        status: 413,
        title: ("too long", "너무 긺"),
        mend: ("send less in one operation", "한 작업에 담는 내용을 줄인다"),
    },
    Words {
        status: 415,
        title: ("not a readable form", "읽을 수 없는 형식"),
        mend: ("send application/json without compression", "압축하지 않은 application/json으로 보낸다"),
    },
    Words {
        status: 422,
        title: ("a rule of the ledger forbids it", "원장의 규칙에 어긋남"),
        mend: ("correct the operation by the rule and sign it anew", "규칙에 맞게 작업을 고쳐 다시 서명한다"),
    },
    Words {
        status: 429,
        title: ("too many requests", "요청이 너무 많음"),
        mend: ("wait as long as Retry-After says", "Retry-After 만큼 기다린다"),
    },
    Words {
        status: 503,
        title: ("the ledger cannot answer", "원장이 응답할 수 없음"),
        mend: ("try again later, with the same bytes", "나중에 같은 내용으로 다시 시도한다"),
    },
];

impl Words {
    fn of(status: StatusCode) -> &'static Self {
        static NONE: Words = Words {
            status: 0,
            title: ("refused", "거부됨"),
            mend: ("try again later", "나중에 다시 시도한다"),
        };
        WORDS.iter().find(|words| words.status == status.as_u16()).unwrap_or(&NONE)
    }
}
