//! The three services, and a visit to each.

use super::{
    Shown, Stage,
    people::Cast,
    world::{self, Orgs},
};
use crate::{
    asking::{self, Verdict},
    case::Case,
    facts::{Facts, Source},
    holder,
    office::Organisation,
};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    request::{ClaimQuery, CredentialQuery},
};
use sinpyo_registry::engine::LogEngine;

/// A service that asks for one presentation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Service {
    /// Its name in the outcome.
    pub(super) name: &'static str,
    /// Its registered scope.
    pub(super) code: &'static str,
    /// The profile it asks for.
    pub(super) profile: &'static str,
    /// The claims it asks for, and the value that will do, as JSON; none means any.
    pub(super) claims: &'static [(&'static str, Option<&'static str>)],
}

/// The services of the story.
pub(super) const SERVICES: [Service; 3] = [
    Service {
        name: "postal",
        code: "post.login",
        profile: "K14",
        claims: &[("identity_assured", Some("true"))],
    },
    Service {
        name: "donation",
        code: "donation.worker",
        profile: "K04",
        claims: &[("holds_valid_licence", Some("true")), ("grade", Some("\"1\""))],
    },
    Service {
        name: "voting",
        code: "vote.register",
        profile: "K01",
        claims: &[("age_over_18", Some("true")), ("region_sigungu", None)],
    },
];

impl Service {
    /// The organisation that runs it.
    pub(super) fn operator<'o>(&self, orgs: &'o Orgs) -> &'o Organisation {
        match self.name {
            "postal" => &orgs.post,
            "donation" => &orgs.donation,
            _ => &orgs.nec,
        }
    }

    /// Its questions.
    pub(super) fn queries(&self, stage: &Stage<'_>) -> Result<Vec<CredentialQuery>> {
        let claim = |(name, value): &(&str, Option<&str>)| -> Result<ClaimQuery> {
            let values = value.map(serde_json::from_str::<Value>).transpose()?;
            Ok(ClaimQuery { path: ClaimPath::name(name), values: values.into_iter().collect() })
        };
        Ok(vec![CredentialQuery {
            id: "credential".to_owned(),
            types: vec![world::kind(stage, self.profile)?],
            claims: self.claims.iter().map(claim).collect::<Result<_>>()?,
        }])
    }

    /// A request of its operator with these questions.
    pub(super) fn ask(
        &self,
        stage: &Stage<'_>,
        orgs: &Orgs,
        queries: Vec<CredentialQuery>,
    ) -> Result<String> {
        let code = self.code.parse().context("a service code")?;
        asking::ask(stage.home, self.operator(orgs), &code, queries)
    }
}

/// The person visits `service`; what it accepted, if it did.
pub(super) fn visit(
    stage: &Stage<'_>,
    orgs: &Orgs,
    cast: &mut Cast,
    service: Service,
    case: &str,
) -> Result<Option<Shown>> {
    let request = service.ask(stage, orgs, service.queries(stage)?)?;
    let (ko, en) = (&service.operator(orgs).names.ko, &service.operator(orgs).names.en);
    let reviewed = match holder::review(stage.home, &cast.wallet, request.as_bytes())? {
        Ok(reviewed) => reviewed,
        Err(refusal) => {
            let reason = refusal.reason;
            stage.voice.tell(
                &format!("{ko}: 지갑이 제출하지 않음 ({reason})"),
                &format!("{en}: the wallet has no answer ({reason})"),
            );
            return Ok(None);
        }
    };
    let answer = reviewed.agree(&mut cast.wallet, stage.home.now())?;
    match examine(stage, &format!("{case}-{}", service.name), &request, Some(&answer), stage.home)? {
        Verdict::Accepted(accepted) => {
            let credential = accepted.credential("credential").context("the accepted credential")?;
            let disclosed: Vec<String> = credential.claims().keys().cloned().collect();
            stage.voice.tell(
                &format!("{ko}: 확인됨 {}", json!(disclosed)),
                &format!("{en}: accepted {}", json!(disclosed)),
            );
            let kind = credential.types().first().map(ToString::to_string).unwrap_or_default();
            let kind = kind.rsplit(':').next().unwrap_or_default().to_owned();
            Ok(Some(Shown { service: service.name, kind, disclosed }))
        }
        Verdict::Refused(refusal) => {
            let rule = stage.voice.rule(refusal.code);
            stage.voice.tell(&format!("{ko}: 거부 {rule}"), &format!("{en}: refused {rule}"));
            Ok(None)
        }
    }
}

/// Examines an answer as the service does, and keeps what decided it if everything is kept.
pub(super) fn examine(
    stage: &Stage<'_>,
    name: &str,
    request: &str,
    answer: Option<&[u8]>,
    source: &dyn Source,
) -> Result<Verdict> {
    let (home, now) = (stage.home, stage.home.now());
    let mut facts = Facts::new(source, home.trust()?, now);
    let verdict = match answer {
        Some(answer) => asking::examine(home, request, answer, &mut facts)?,
        None => asking::examine_evidence(request, None, &mut facts, now)?,
    };
    if let Some(keep) = &stage.keep {
        let evidence = facts.into_evidence();
        let case = Case {
            request: request.to_owned(),
            presentation: answer.map(<[u8]>::to_vec),
            at: now,
            checkpoint: home.log()?.checkpoint()?.context("the log has no checkpoint")?,
            evidence: if evidence.documents.is_empty() { None } else { Some(evidence) },
        };
        case.write(&keep.join("cases").join(name), verdict.code())?;
    }
    Ok(verdict)
}

/// Whether `text` stands in `sent`: as it is, decomposed or composed, or within a base64url part.
pub(super) fn holds(sent: &[u8], text: &str) -> bool {
    use unicode_normalization::UnicodeNormalization;
    let forms = [text.nfc().collect::<String>(), text.nfd().collect()];
    let whole = String::from_utf8_lossy(sent);
    let parts = whole.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    let decoded = parts.filter_map(|part| sinpyo_core::encoding::from_base64url(part).ok());
    let mut texts = vec![sent.to_vec()];
    texts.extend(decoded);
    texts.iter().any(|bytes| {
        forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_core::encoding::to_base64url;

    #[test]
    fn a_value_is_found_in_every_form() {
        let disclosure = to_base64url("[\"salt\",\"name\",\"한별\"]".as_bytes());
        let sent = format!("{{\"vp_token\":\"aaaa.bbbb.cccc~{disclosure}~\"}}");
        assert!(holds(sent.as_bytes(), "한별") && holds("한별".as_bytes(), "한별"));
        assert!(holds(sent.as_bytes(), "\u{1112}\u{1161}\u{11ab}\u{1107}\u{1167}\u{11af}"));
        assert!(!holds(sent.as_bytes(), "한볕"));
    }
}
