//! The catalogue of rules: what each code means, in Korean and English.

use crate::cli::Lang;
use serde::Deserialize;
use sinpyo_web::problem::RuleText;
use std::{collections::BTreeMap, sync::LazyLock};

macro_rules! files {
    ($($name:literal),* $(,)?) => { [$(include_str!(concat!("../../../spec/checks/", $name, ".toml"))),*] };
}

const FILES: [&str; 72] = files![
    "acc", "aud", "bal", "bbs", "brs", "cli", "cos", "di", "did", "evm", "gen", "hai", "http", "iss", "isv",
    "jld", "joe", "json", "jws", "key", "log", "mdc", "oau", "pgl", "rdf", "res", "rga", "sdi", "sdj", "sta",
    "stl", "sto", "sts", "tlog", "vca", "vci-aut", "vci-crq", "vci-crs", "vci-def", "vci-enc", "vci-err",
    "vci-lif", "vci-met", "vci-non", "vci-not", "vci-off", "vci-prf", "vci-tok", "vci-wat", "vcj", "vcm",
    "vct", "vot", "vp", "vp-cid", "vp-dca", "vp-dcq", "vp-err", "vp-fix", "vp-req", "vp-rsp", "vp-txd",
    "vp-val", "vsv", "vtr", "vts", "wal", "wap", "web", "wit", "wvh", "x5c",
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
    mend: Option<String>,
    mend_ko: Option<String>,
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

/// What the rule `code` says, in both languages, and what to do about a breach.
pub(crate) fn full(code: &str) -> Option<RuleText> {
    let rule = RULES.get(code)?;
    let mend = rule.mend.as_deref().zip(rule.mend_ko.as_deref());
    Some(RuleText { en: &rule.text, ko: &rule.ko, mend })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever waits for a wallet on another device is told so, too.
    #[test]
    fn a_result_that_is_not_there_yet_is_explained_for_all_devices() {
        let full = full("VP-RSP-05a").unwrap();
        assert!(full.ko.starts_with("거래가 끝나기 전에는") && full.mend.is_some());
    }

    #[test]
    fn every_file_is_read_and_every_rule_speaks_korean() {
        for file in FILES {
            assert!(toml::from_str::<File>(file).is_ok(), "{file}");
        }
        assert!(RULES.values().all(|rule| rule.ko.chars().any(|c| ('가'..='힣').contains(&c))));
        assert!(text("VP-07", Lang::Ko).is_some() && text("XX-99", Lang::En).is_none());
    }
}
