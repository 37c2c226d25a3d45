//! The explorer: a page that checks what it shows.
//!
//! The server writes what can be read without a script; the modules under `page/` follow the log and do the checking.
//! No build step: the files are served as they stand in the source.

use crate::{Call, log::read, problem};
use http::{HeaderValue, Response, header};
use serde_json::{Map, Value};
use sinpyo_core::json;
use sinpyo_registry::engine::EngineError;
use sinpyo_web::{answer, html::Html, page::POLICY, problem::Refusal};
use std::{collections::BTreeMap, sync::LazyLock};

/// Entries that are shown without a script.
const SHOWN: u64 = 30;

const TEMPLATE: &str = include_str!("page/index.html");
const STRINGS: &str = include_str!("page/strings.json");
const ICON: &str = include_str!("page/icon.svg");
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The files below `/explorer/`, each with its media type.
static FILES: [(&str, &str, &str); 13] = [
    ("explorer.css", "text/css; charset=utf-8", include_str!("page/explorer.css")),
    ("strings.json", "application/json", STRINGS),
    ("explorer.js", SCRIPT, include_str!("page/explorer.js")),
    ("checks.js", SCRIPT, include_str!("page/checks.js")),
    ("detail.js", SCRIPT, include_str!("page/detail.js")),
    ("dom.js", SCRIPT, include_str!("page/dom.js")),
    ("entries.js", SCRIPT, include_str!("page/entries.js")),
    ("keeper.js", SCRIPT, include_str!("page/keeper.js")),
    ("merkle.js", SCRIPT, include_str!("page/merkle.js")),
    ("note.js", SCRIPT, include_str!("page/note.js")),
    ("operation.js", SCRIPT, include_str!("page/operation.js")),
    ("server.js", SCRIPT, include_str!("page/server.js")),
    ("words.js", SCRIPT, include_str!("page/words.js")),
];

/// `GET /explorer/…` and the icon.
pub(crate) fn asset(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (media, content) = match call.part("file") {
        "" => ("image/svg+xml", ICON),
        part => {
            let file = FILES.iter().find(|(name, ..)| *name == part);
            let (_, media, content) =
                file.ok_or_else(|| problem::absent("RGA-01", &"there is nothing at this path"))?;
            (*media, *content)
        }
    };
    Ok(answer::tagged(answer::with_type(media, content.as_bytes().to_vec())))
}

/// `GET /`.
pub(crate) fn page(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let lang = if call.query.text("lang") == Some("en") { "en" } else { "ko" };
    let facts = facts(call, Words { lang })?;
    let mut response =
        answer::with_type("text/html; charset=utf-8", fill(&facts, Words { lang }).into_bytes());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)); // [RGA-09]
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang));
    Ok(response)
}

/// The page's words in one language.
#[derive(Clone, Copy)]
struct Words {
    lang: &'static str,
}

impl Words {
    fn find(self, name: &str) -> Option<&'static str> {
        static ALL: LazyLock<BTreeMap<String, BTreeMap<String, String>>> =
            LazyLock::new(|| serde_json::from_str(STRINGS).unwrap_or_default());
        ALL.get(self.lang)?.get(name).map(String::as_str)
    }

    fn say(self, name: &str) -> &'static str {
        self.find(name).unwrap_or_default()
    }
}

/// Puts words and facts into the template: `{{name}}` is a word, `{{:name}}` a fact.
fn fill(facts: &BTreeMap<&'static str, String>, words: Words) -> String {
    let mut page = String::with_capacity(TEMPLATE.len() * 2);
    let mut parts = TEMPLATE.split("{{");
    page.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
        match name.strip_prefix(':') {
            Some(fact) => page.push_str(facts.get(fact).map_or("", String::as_str)),
            None => page.push_str(&escaped(words.say(name))),
        }
        page.push_str(rest);
    }
    page
}

/// What the page says before any script ran, as markup.
fn facts(call: &Call<'_>, words: Words) -> Result<BTreeMap<&'static str, String>, Refusal> {
    let failed = |error: EngineError| problem::failed(&error);
    let head = call.published()?.claimed_head();
    let appended = call.api.engine.head().map_err(failed)?.size;
    let entries = read(call.api.engine, appended.saturating_sub(SHOWN)..appended).map_err(failed)?;
    let rows: Vec<Row> = entries.iter().rev().map(|(index, entry)| Row::of(*index, entry, words)).collect();
    let list: String = rows.iter().map(|row| row.markup(words, head.size)).collect();
    let witnesses = &call.api.settings.witnesses;
    let query = call.query.text("q").unwrap_or_default();
    let ledger = call.api.ledger;
    Ok(BTreeMap::from([
        ("lang", words.lang.to_owned()),
        ("origin", escaped(ledger.origin().as_str())),
        ("vkey", escaped(&ledger.key().to_string())),
        ("size", head.size.to_string()),
        ("root", head.root.to_string()),
        ("unpublished", appended.saturating_sub(head.size).to_string()),
        ("last", rows.first().map_or_else(|| words.say("none").to_owned(), |row| escaped(&row.time))),
        (
            "witnesses",
            escaped(&if witnesses.is_empty() {
                words.say("no_witnesses").to_owned()
            } else {
                witnesses.join(", ")
            }),
        ),
        ("query", escaped(query)),
        ("found", found(query)),
        ("entries", list),
    ]))
}

/// Where to read what was looked for, without a script.
fn found(query: &str) -> String {
    let path = match query.parse::<u64>() {
        Ok(index) => format!("/entries?from={index}&limit=1"),
        Err(_) if query.starts_with("did:tlog:") => format!("/dids/{query}"),
        Err(_) => return String::new(),
    };
    let path = escaped(&path);
    format!("<a href=\"{path}\">{path}</a>")
}

/// An entry in one line.
struct Row {
    index: u64,
    title: &'static str,
    subject: String,
    time: String,
}

impl Row {
    fn of(index: u64, entry: &[u8], words: Words) -> Self {
        let entry = json::parse_object(entry).unwrap_or_default();
        let time = entry.get("time").and_then(Value::as_str).unwrap_or_default().replace('T', " ");
        let operation = entry.get("op").and_then(Value::as_object).cloned().unwrap_or_default();
        let kind = operation.get("type").and_then(Value::as_str).unwrap_or_default();
        let title = words.find(&format!("type_{kind}")).unwrap_or_else(|| words.say("type_unknown"));
        Self { index, title, subject: subject(&operation, words), time }
    }

    fn markup(&self, words: Words, covered: u64) -> String {
        let Self { index, title, subject, time } = self;
        let (title, subject, time) = (escaped(title), escaped(subject), escaped(time)); // [RGA-10]
        let provable = *index < covered;
        let mark = words.say(if provable { "provable" } else { "pending" });
        format!(
            "<li data-index=\"{index}\" data-provable=\"{provable}\"><span class=\"index\">{index}</span>\
             <a class=\"title\" href=\"/entries?from={index}&amp;limit=1\">{title}</a>\
             <span class=\"subject\">{subject}</span><span class=\"time\">{time}</span><span class=\"mark\">{mark}</span></li>"
        )
    }
}

/// What an operation is about: an organisation's name, or a DID.
fn subject(operation: &Map<String, Value>, words: Words) -> String {
    let name = operation.get("name").and_then(|name| name.get(words.lang));
    let named = ["did", "by", "root"].iter().find_map(|member| operation.get(*member));
    name.or(named).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// `text` as text in markup.
fn escaped(text: &str) -> String {
    Html::from(text).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_same_words_in_both_languages() {
        let all: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(STRINGS).unwrap();
        let names = |lang: &str| all[lang].keys().cloned().collect::<Vec<_>>();
        assert_eq!(names("ko"), names("en"));
        let wanted = TEMPLATE.split("{{").skip(1).filter_map(|part| part.split_once("}}"));
        for (name, _) in wanted.filter(|(name, _)| !name.starts_with(':')) {
            assert!(all["ko"].contains_key(name), "{name}");
        }
    }

    #[test]
    fn no_script_writes_markup() {
        // [RGA-10] What the log holds reaches the page as text only.
        let scripts = FILES.iter().filter(|(_, media, _)| *media == SCRIPT);
        for (name, _, text) in scripts {
            for way in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "new Function",
                "DOMParser",
            ] {
                assert!(!text.contains(way), "{name} uses {way}");
            }
        }
    }
}
