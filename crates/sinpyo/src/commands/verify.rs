//! `sinpyo verify`

use super::{Done, refuse};
use crate::{
    asking::{self, Verdict},
    case::Case,
    cli::Verify,
    facts::Facts,
    files,
    home::Home,
    online::Online,
    say::Voice,
};
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use sinpyo_tlog::note::LogKey;
use sinpyo_verifier::Accepted;
use std::path::Path;

/// Longest presentation or request that is read.
const MAX_FILE: u64 = 4 << 20;

pub(crate) fn run(open: impl Fn() -> Result<Home>, options: &Verify, voice: Voice) -> Result<Done> {
    let (verdict, basis) = match (&options.case, &options.log_key) {
        (Some(folder), Some(key)) => {
            let mut case = Case::read(folder)?;
            (case.examine(&read_log_key(key)?)?, Some(case.basis()))
        }
        _ => (live(&open()?, options)?, None),
    };
    if let Some((at, size)) = basis {
        voice.tell(
            &format!("증거에 따른 판단: 시각 {at}, 원장 크기 {size}. 증거에서 빠진 것이 없는지는 알 수 없음"),
            &format!(
                "decided by evidence as of {at}, ledger size {size}; that nothing was left out is not shown"
            ),
        );
    }
    match verdict {
        Verdict::Accepted(accepted) => {
            let disclosed = disclosed(&accepted);
            let people = format!("{}\n{disclosed:#}", voice.pick("확인되었습니다", "accepted"));
            let mut result = json!({"ok": true, "code": "ok", "disclosed": disclosed});
            if let (Some((at, size)), Value::Object(members)) = (basis, &mut result) {
                members.insert("evidence".into(), json!({"at": at.to_string(), "ledger_size": size}));
            }
            voice.report(&result, &people);
            Ok(Done::Accepted)
        }
        Verdict::Refused(refusal) => Ok(refuse(voice, &refusal)),
    }
}

fn live(home: &Home, options: &Verify) -> Result<Verdict> {
    let path = |path: &Option<_>| path.clone().context("a request and a presentation are needed");
    let request = String::from_utf8(files::read(&path(&options.request)?, MAX_FILE)?)
        .context("the request is no text")?;
    let answer = files::read(&path(&options.presentation)?, MAX_FILE)?;
    let online = Online::new(home)?;
    let source: &dyn crate::facts::Source = if options.online { &online } else { home };
    let mut facts = Facts::new(source, home.trust()?, home.now());
    asking::examine(home, request.trim_end(), &answer, &mut facts)
}

/// The log key in a file.
pub(crate) fn read_log_key(path: &Path) -> Result<LogKey> {
    let text = String::from_utf8(files::read(path, 4096)?).context("the log key is no text")?;
    text.trim().parse().with_context(|| format!("{} holds no log key", path.display()))
}

/// What an accepted presentation shows, for the service that asked.
pub(crate) fn disclosed(accepted: &Accepted) -> Value {
    let shown: Map<String, Value> = accepted
        .credentials()
        .map(|(query, credential)| (query.to_owned(), Value::Object(credential.claims().clone())))
        .collect();
    Value::Object(shown)
}
