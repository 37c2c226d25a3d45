//! Refusals: Problem Details that name the rule and the mend, in English and Korean [RFC 9457].

use crate::lang::{Say, say};
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value, json};
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

/// The words of one kind of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The problem type: a URL, or `about:blank`.
    pub url: &'static str,
    /// What it is.
    pub title: Say,
    /// What to do about it, if the rule does not say.
    pub mend: Say,
}

/// One breach of one rule.
#[derive(Clone, Debug)]
pub struct Problem {
    words: &'static Words,
    url: Option<String>,
    rule: &'static str,
    detail: String,
    pointer: Option<String>,
}

impl Problem {
    /// The breach of `rule`; `detail` repeats nothing of what was sent.
    pub fn new(words: &'static Words, rule: &'static str, detail: &dyn Display) -> Self {
        Self { words, url: None, rule, detail: detail.to_string(), pointer: None }
    }

    /// The breach of `rule` that `error` found, with its causes.
    pub fn because(words: &'static Words, rule: &'static str, error: &dyn Error) -> Self {
        let causes =
            iter::successors(Some(error), |error: &&dyn Error| -> Option<&dyn Error> { (*error).source() });
        let mut texts: Vec<String> = causes.map(ToString::to_string).collect();
        texts.dedup();
        Self::new(words, rule, &texts.join(": "))
    }

    /// Of a problem type of its own.
    #[must_use]
    pub fn of_type(mut self, url: String) -> Self {
        self.url = Some(url);
        self
    }

    /// At a place in the body of the request: a JSON pointer [RFC 6901].
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Puts `prefix` before the place.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        self.pointer = Some(format!("{prefix}{}", self.pointer.unwrap_or_default()));
        self
    }

    /// The rule.
    pub const fn rule(&self) -> &'static str {
        self.rule
    }

    /// The refusal of a request for this problem alone.
    pub fn refuse(self, status: StatusCode) -> Refusal {
        let (others, headers, members) = (Vec::new(), Vec::new(), Map::new());
        Refusal { status, first: Box::new(self), others, headers, members }
    }

    /// [`Problem::refuse`] with 400.
    pub fn bad(self) -> Refusal {
        self.refuse(StatusCode::BAD_REQUEST)
    }

    /// The members of RFC 9457, and ours.
    pub fn to_json(&self, catalogue: fn(&str) -> Option<RuleText>) -> Map<String, Value> {
        let words = self.words;
        let text = catalogue(self.rule);
        let mend = text.and_then(|text| text.mend).unwrap_or((words.mend.en, words.mend.ko));
        let mut members = Map::new();
        let mut put = |name: &str, value: &str| drop(members.insert(name.to_owned(), json!(value)));
        put("type", self.url.as_deref().unwrap_or(words.url));
        put("title", words.title.en);
        put("title_ko", words.title.ko);
        put("detail", &self.detail);
        put("detail_ko", text.map_or(words.title.ko, |text| text.ko));
        put("rule", self.rule);
        put("mend", mend.0);
        put("mend_ko", mend.1);
        if let Some(pointer) = &self.pointer {
            put("pointer", pointer);
        }
        members
    }
}

/// Why a request is refused: at least one problem, the first of which stands for all.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: StatusCode,
    first: Box<Problem>,
    others: Vec<Problem>,
    headers: Vec<(HeaderName, HeaderValue)>,
    members: Map<String, Value>,
}

impl Refusal {
    /// The breach of `rule`, in the usual words for `status`; `detail` repeats nothing of what was sent.
    pub fn new(status: StatusCode, rule: &'static str, detail: &dyn Display) -> Self {
        Problem::new(usual(status), rule, detail).refuse(status)
    }

    /// The breach of `rule` that `error` found, with its causes, in the usual words for `status`.
    pub fn because(status: StatusCode, rule: &'static str, error: &dyn Error) -> Self {
        Problem::because(usual(status), rule, error).refuse(status)
    }

    /// The refusal for all of `problems`; none if there are none.
    pub fn of(status: StatusCode, problems: Vec<Problem>) -> Option<Self> {
        let mut problems = problems.into_iter();
        let first = problems.next()?;
        Some(Self { others: problems.collect(), ..first.refuse(status) })
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Adds a member to the answer, such as a protocol's own word for the problem.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// Says when to come again.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs().max(1);
        self.with(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The first problem's rule.
    pub const fn rule(&self) -> &'static str {
        self.first.rule
    }

    /// All problems, the first first.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        iter::once(&*self.first).chain(&self.others)
    }

    /// The first problem's members, the status, and what was added.
    pub fn to_json(&self, catalogue: fn(&str) -> Option<RuleText>) -> Map<String, Value> {
        let mut members = self.first.to_json(catalogue);
        members.insert("status".to_owned(), json!(self.status.as_u16()));
        members.extend(self.members.clone());
        members
    }

    /// The answer, as `application/problem+json`.
    pub fn response(&self, catalogue: fn(&str) -> Option<RuleText>) -> Response<Vec<u8>> {
        self.answer("application/problem+json", self.to_json(catalogue))
    }

    /// The answer with these members.
    pub fn answer(&self, media: &'static str, members: Map<String, Value>) -> Response<Vec<u8>> {
        let mut response = crate::answer::json(self.status, &Value::Object(members));
        response.extensions_mut().insert(RuleId(self.first.rule));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        response
    }
}

/// The usual words of a status.
pub fn usual(status: StatusCode) -> &'static Words {
    static NONE: Words = blank(say("거부됨", "refused"), say("나중에 다시 시도한다", "try again later"));
    USUAL.iter().find(|(code, _)| *code == status.as_u16()).map_or(&NONE, |(_, words)| words)
}

const fn blank(title: Say, mend: Say) -> Words {
    Words { url: "about:blank", title, mend }
}

static USUAL: [(u16, Words); 13] = [
    (
        400,
        blank(
            say("요청을 받아들일 수 없음", "the request is not acceptable"),
            say("/openapi.json의 설명대로 요청을 보낸다", "send what /openapi.json describes"),
        ),
    ),
    (
        401,
        blank(
            say("인증되지 않음", "not authenticated"),
            say("접근 토큰을 새로 받아 다시 보낸다", "obtain an access token and send the request with it"),
        ),
    ),
    (
        403,
        blank(
            say("허용되지 않음", "not permitted"),
            say("필요한 권한을 운영자에게 요청한다", "ask the operator for the permission"),
        ),
    ),
    (
        404,
        blank(
            say("찾을 수 없음", "not found"),
            say("/openapi.json에서 제공 기능을 확인한다", "see /openapi.json for what is here"),
        ),
    ),
    (
        405,
        blank(
            say("이 경로에서 쓸 수 없는 메서드", "not a method of this path"),
            say("Allow 헤더에 있는 메서드를 쓴다", "use a method of the Allow header"),
        ),
    ),
    (
        409,
        blank(
            say("먼저 처리된 작업이 있음", "something came before"),
            say("최신 상태를 다시 읽고 결정한다", "read the newest state and decide again"),
        ),
    ),
    (410, blank(say("더는 없음", "gone"), say("새로 만들어 쓴다", "make a new one"))),
    (413, blank(say("너무 긺", "too long"), say("한 번에 보내는 내용을 줄인다", "send less at once"))),
    (
        415,
        blank(
            say("읽을 수 없는 형식", "not a readable form"),
            say("압축하지 않은 application/json으로 보낸다", "send application/json without compression"),
        ),
    ),
    (
        421,
        blank(
            say("다른 호스트로 온 요청", "for another host"),
            say("서비스의 주소로 다시 요청한다", "use the address of the service"),
        ),
    ),
    (
        422,
        blank(
            say("처리할 수 없는 내용", "not to be processed"),
            say("규칙에 맞게 고쳐 다시 보낸다", "correct it by the rule and send it again"),
        ),
    ),
    (
        429,
        blank(
            say("요청이 너무 많음", "too many requests"),
            say("Retry-After 만큼 기다린다", "wait as long as Retry-After says"),
        ),
    ),
    (
        503,
        blank(
            say("서버가 응답할 수 없음", "the server cannot answer"),
            say("나중에 같은 내용으로 다시 시도한다", "try again later, with the same request"),
        ),
    ),
];
