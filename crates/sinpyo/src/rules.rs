//! The catalogue of rules: what each code means, in Korean and English.

use crate::cli::Lang;
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

macro_rules! files {
    ($($name:literal),* $(,)?) => { [$(include_str!(concat!("../../../spec/checks/", $name, ".toml"))),*] };
}

const FILES: [&str; 27] = files![
    "acc", "bbs", "cli", "cos", "di", "did", "iss", "json", "jws", "key", "log", "mdc", "rdf", "res", "sdi",
    "sdj", "stl", "sto", "sts", "tlog", "vcj", "vcm", "vp", "wal", "web", "wvh", "x5c",
];

#[derive(Deserialize)]
struct File {
    rule: Vec<Rule>,
}

/// A rule that is enforced somewhere.
#[derive(Clone, Debug, Deserialize)]
struct Rule {
    id: String,
    text: String,
    ko: String,
}

static RULES: LazyLock<BTreeMap<String, Rule>> = LazyLock::new(|| {
    let rules = FILES.iter().filter_map(|file| toml::from_str::<File>(file).ok()).flat_map(|file| file.rule);
    rules.map(|rule| (rule.id.clone(), rule)).collect()
});

/// What the rule `code` says.
pub(crate) fn text(code: &str, lang: Lang) -> Option<&'static str> {
    let rule = RULES.get(code)?;
    Some(match lang {
        Lang::Ko => &rule.ko,
        Lang::En => &rule.text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_and_every_rule_speaks_korean() {
        for file in FILES {
            assert!(toml::from_str::<File>(file).is_ok(), "{file}");
        }
        assert!(RULES.values().all(|rule| rule.ko.chars().any(|c| ('가'..='힣').contains(&c))));
        assert!(text("VP-07", Lang::Ko).is_some() && text("XX-99", Lang::En).is_none());
    }
}
