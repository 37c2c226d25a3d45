//! The standard ways in which something is wrong [SCENARIOS §0, N1 to N14], each done for real.

use super::{
    Negative, Stage,
    people::{self, Cast, claims_of},
    rogue::{Answer, Rogue, envelope},
    services::{self, SERVICES, Service, examine},
    world::{self, Orgs},
};
use crate::{
    asking::{self, Verdict},
    facts::{Facts, Unreachable},
    holder,
    issuing::Desk,
    office::Organisation,
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    request::{ClaimQuery, CredentialQuery, audience},
    status::CredentialStatus,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, SigningKey};
use std::time::Duration;

/// Asks for nothing that depends on the person, so that each negative fails for its own reason only.
const DISTRICT: Service = Service { claims: &[("region_sigungu", None)], ..SERVICES[2] };
const SHOWN: [&str; 1] = ["region_sigungu"];
const NAME: Service =
    Service { name: "postal", code: "post.identity", profile: "K14", claims: &[("given_name", None)] };

/// A case: its name, the rule that must refuse it, and how to bring it about.
type Case = (&'static str, &'static str, fn(&mut Play<'_, '_>) -> Result<(Verdict, bool)>);

const CASES: [Case; 14] = [
    ("N1", "SDJ-14", wrong_audience),
    ("N2", "SDJ-13", replayed),
    ("N3", "JWS-14", expired),
    ("N4", "VP-07", revoked),
    ("N5", "VP-08", suspended),
    ("N6", "VP-06", not_accredited),
    ("N7", "SDJ-12", foreign_holder),
    ("N8", "JWS-11", flipped_bit),
    ("N9", "WAL-01", beyond_service_code),
    ("N10", "JWS-03", other_algorithm),
    ("N11", "VP-12", unreachable),
    ("N12", "SDJ-15", clock_ahead),
    ("N13", "VP-15", look_alike),
    ("N14", "VP-14", undisclosed),
];

/// Runs all cases.
pub(super) fn run(stage: &Stage<'_>, orgs: &Orgs, cast: &mut Cast) -> Result<Vec<Negative>> {
    let mut play = Play { stage, orgs, cast, case: "" };
    let run_one = |(case, rule, act): Case| {
        play.case = case;
        let (verdict, control) = act(&mut play).with_context(|| format!("case {case}"))?;
        let code = verdict.code();
        Ok(Negative { case, ok: control && code == rule, code })
    };
    CASES.into_iter().map(run_one).collect()
}

struct Play<'p, 's> {
    stage: &'p Stage<'s>,
    orgs: &'p Orgs,
    cast: &'p mut Cast,
    case: &'static str,
}

impl Play<'_, '_> {
    fn now(&self) -> Timestamp {
        self.stage.home.now()
    }

    /// A credential for a rogue, from `issuer`.
    fn rogue(&self, issuer: &Organisation, profile: &str, until: Option<Timestamp>) -> Result<Rogue> {
        let row = match profile {
            "K01" => &self.cast.resident,
            "K04" => &self.cast.worker,
            _ => self.cast.customer.as_ref().unwrap_or(&self.cast.resident),
        };
        let (name, profile) = (profile, self.stage.home.profile(profile)?);
        let mut claims = claims_of(&profile, row);
        if name == "K14" && self.cast.customer.is_none() {
            claims.insert("customer_ref".into(), json!("C0000000000000000"));
        }
        let mut desk = Desk::open(self.stage.home, issuer, (name, &profile))?;
        let rogue = Rogue::with(|key| Ok(desk.issue(&claims, key, until)?.wire))?;
        desk.publish()?;
        Ok(rogue)
    }

    /// A request for the district.
    fn ask(&self) -> Result<String> {
        DISTRICT.ask(self.stage, self.orgs, DISTRICT.queries(self.stage)?)
    }

    fn examine(&self, request: &str, presentation: &str) -> Result<Verdict> {
        let home = self.stage.home;
        examine(self.stage, self.case, request, Some(&envelope(presentation)), home)
    }

    /// Whether the same rogue is accepted when it answers honestly: the case's own control.
    fn control(&self, rogue: &Rogue) -> Result<bool> {
        let request = self.ask()?;
        let answer = rogue.present(&Answer::honest(&request, &SHOWN, self.now())?)?;
        let name = format!("{}-control", self.case);
        let verdict = examine(self.stage, &name, &request, Some(&envelope(&answer)), self.stage.home)?;
        Ok(matches!(verdict, Verdict::Accepted(_)))
    }
}

fn wrong_audience(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    let rogue = play.rogue(&play.orgs.moi, "K01", None)?;
    let request = play.ask()?;
    let mut answer = Answer::honest(&request, &SHOWN, play.now())?;
    answer.audience = audience(&play.orgs.post.did());
    Ok((play.examine(&request, &rogue.present(&answer)?)?, play.control(&rogue)?))
}

/// Recorded and sent again: once to a new challenge, once to the one it was made for.
fn replayed(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    let rogue = play.rogue(&play.orgs.moi, "K01", None)?;
    let request = play.ask()?;
    let recorded = rogue.present(&Answer::honest(&request, &SHOWN, play.now())?)?;
    let home = play.stage.home;
    let first = examine(play.stage, "N2-control", &request, Some(&envelope(&recorded)), home)?;
    // Not kept as a case: that the challenge was used is in the store, not in the files.
    let mut facts = Facts::new(home, home.trust()?, play.now());
    let again = asking::examine(home, &request, &envelope(&recorded), &mut facts)?;
    let once = matches!(first, Verdict::Accepted(_)) && again.code() == "STO-13";
    Ok((play.examine(&play.ask()?, &recorded)?, once))
}

/// Presented while it held, examined after its end; and an earlier end than its beginning is not issued at all.
fn expired(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    let end = play.now().plus(Duration::from_hours(2)).rounded_down(Duration::from_hours(1));
    let rogue = play.rogue(&play.orgs.moi, "K01", Some(end))?;
    let control = play.control(&rogue)?;
    let before = Duration::from_secs(u64::try_from(end.unix() - play.now().unix())?)
        .saturating_sub(Duration::from_mins(1));
    play.stage.clock.advance(before);
    let request = play.ask()?;
    let answer = rogue.present(&Answer::honest(&request, &SHOWN, play.now())?)?;
    play.stage.clock.advance(Duration::from_mins(3));
    let late = play.examine(&request, &answer)?;
    let already_over = play.rogue(&play.orgs.moi, "K01", Some(end)).is_err();
    Ok((late, control && already_over))
}

fn revoked(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    withdrawn(play, CredentialStatus::Revoked)
}

fn suspended(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    withdrawn(play, CredentialStatus::Suspended)
}

fn withdrawn(play: &Play<'_, '_>, status: CredentialStatus) -> Result<(Verdict, bool)> {
    let rogue = play.rogue(&play.orgs.moi, "K01", None)?;
    let control = play.control(&rogue)?;
    let entry = people::entry_of(rogue.wire())?;
    let profile = play.stage.home.profile("K01")?;
    let mut desk = Desk::open(play.stage.home, &play.orgs.moi, ("K01", &profile))?;
    desk.set_status(entry.list(), entry.index(), status)?;
    let request = play.ask()?;
    let verdict = play.examine(&request, &rogue.present(&Answer::honest(&request, &SHOWN, play.now())?)?)?;
    // Revocation is for good; a suspension can be lifted.
    let lifted = desk.set_status(entry.list(), entry.index(), CredentialStatus::Valid).is_ok();
    let after = lifted == (status == CredentialStatus::Suspended) && (!lifted || play.control(&rogue)?);
    Ok((verdict, control && after))
}

/// The donation platform issues licences itself.
fn not_accredited(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    let service = Service { claims: &[("holds_valid_licence", None)], ..SERVICES[1] };
    let answer = |issuer: &Organisation, name: &str| -> Result<Verdict> {
        let rogue = play.rogue(issuer, "K04", None)?;
        let request = service.ask(play.stage, play.orgs, service.queries(play.stage)?)?;
        let shown = rogue.present(&Answer::honest(&request, &["holds_valid_licence"], play.now())?)?;
        examine(play.stage, name, &request, Some(&envelope(&shown)), play.stage.home)
    };
    let control = matches!(answer(&play.orgs.kasw, "N6-control")?, Verdict::Accepted(_));
    Ok((answer(&play.orgs.donation, play.case)?, control))
}

/// Somebody else's credential, bound with one's own key.
fn foreign_holder(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    let rogue = play.rogue(&play.orgs.moi, "K01", None)?;
    let request = play.ask()?;
    let thief = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
    let answer = rogue.present_with(&Answer::honest(&request, &SHOWN, play.now())?, &thief)?;
    Ok((play.examine(&request, &answer)?, play.control(&rogue)?))
}

/// Every character of the presentation, one after the other; the case kept is one in the issuer's signature.
fn flipped_bit(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    let rogue = play.rogue(&play.orgs.moi, "K01", None)?;
    let control = play.control(&rogue)?;
    let request = play.ask()?;
    let answer = rogue.present(&Answer::honest(&request, &SHOWN, play.now())?)?;
    let mut all_refused = true;
    let mut facts = Facts::new(play.stage.home, play.stage.home.trust()?, play.now());
    for position in 0..answer.len() {
        let flipped = envelope(&flip(&answer, position));
        let verdict = asking::examine_evidence(&request, Some(&flipped), &mut facts, play.now())?;
        all_refused &= matches!(verdict, Verdict::Refused(_));
    }
    // A character whose neighbour is base64url too, so that the signature is another one and not malformed.
    let end = answer.find('~').context("an SD-JWT has disclosures")?;
    let start = answer.get(..end).and_then(|token| token.rfind('.')).context("a token has a signature")? + 1;
    let position = (start..end - 1)
        .find(|at| flip(&answer, *at).as_bytes().get(*at).is_some_and(u8::is_ascii_alphanumeric));
    let signature = position.context("no such character")?;
    Ok((play.examine(&request, &flip(&answer, signature))?, control && all_refused))
}

/// The text with the lowest bit of one character turned over.
fn flip(text: &str, position: usize) -> String {
    let turn = |(at, byte): (usize, u8)| char::from(if at == position { byte ^ 1 } else { byte });
    text.bytes().enumerate().map(turn).collect()
}

/// The post asks for the name under the code that lets it ask for an assurance. The wallet refuses, and so would anybody
/// who examined an answer.
fn beyond_service_code(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    let greedy = Service { claims: &[("family_name", None)], ..SERVICES[0] };
    let request = greedy.ask(play.stage, play.orgs, greedy.queries(play.stage)?)?;
    let review = holder::review(play.stage.home, &play.cast.wallet, request.as_bytes())?;
    let wallet_refused = review.err().is_some_and(|refusal| refusal.code == "WAL-01");
    Ok((examine(play.stage, play.case, &request, None, play.stage.home)?, wallet_refused))
}

/// The issuer's token claims another algorithm: none, one with the public key as its secret, a weaker one.
fn other_algorithm(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    let rogue = play.rogue(&play.orgs.moi, "K01", None)?;
    let control = play.control(&rogue)?;
    let request = play.ask()?;
    let answer = rogue.present(&Answer::honest(&request, &SHOWN, play.now())?)?;
    let mut verdicts = Vec::new();
    for algorithm in ["none", "HS256", "ES384", "RS256"] {
        let request = play.ask()?;
        let answer = rogue.present(&Answer::honest(&request, &SHOWN, play.now())?)?;
        let name = format!("N10-{algorithm}");
        let forged = envelope(&with_algorithm(&answer, algorithm)?);
        verdicts.push(examine(play.stage, &name, &request, Some(&forged), play.stage.home)?.code());
    }
    let verdict = play.examine(&request, &with_algorithm(&answer, "none")?)?;
    let alike = verdicts.iter().all(|code| *code == verdict.code());
    Ok((verdict, control && alike))
}

fn with_algorithm(presentation: &str, algorithm: &str) -> Result<String> {
    use sinpyo_core::encoding::{from_base64url, to_base64url};
    let (header, rest) = presentation.split_once('.').context("a presentation begins with a token")?;
    let mut header = sinpyo_core::json::parse_object(&from_base64url(header)?)?;
    header.insert("alg".into(), json!(algorithm));
    Ok(format!("{}.{rest}", to_base64url(Value::Object(header).to_string().as_bytes())))
}

fn unreachable(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    let rogue = play.rogue(&play.orgs.moi, "K01", None)?;
    let request = play.ask()?;
    let answer = envelope(&rogue.present(&Answer::honest(&request, &SHOWN, play.now())?)?);
    let verdict = examine(play.stage, play.case, &request, Some(&answer), &Unreachable)?;
    Ok((verdict, play.control(&rogue)?))
}

/// The holder's clock is 200 seconds ahead.
fn clock_ahead(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    let rogue = play.rogue(&play.orgs.moi, "K01", None)?;
    let request = play.ask()?;
    let ahead = play.now().plus(Duration::from_secs(200));
    let answer = rogue.present(&Answer::honest(&request, &SHOWN, ahead)?)?;
    Ok((play.examine(&request, &answer)?, play.control(&rogue)?))
}

/// The name is asked for in decomposed form, which is the same name, and with an invisible letter, which is another.
fn look_alike(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    use unicode_normalization::UnicodeNormalization;
    let rogue = play.rogue(&play.orgs.post, "K14", None)?;
    let row = play.cast.customer.as_ref().unwrap_or(&play.cast.resident);
    let (_, name) = row.name();
    let ask = |name: String, case: &str| -> Result<Verdict> {
        let claim = ClaimQuery { path: ClaimPath::name("given_name"), values: vec![json!(name)] };
        let types = vec![world::kind(play.stage, "K14")?];
        let query = CredentialQuery { id: "credential".into(), types, claims: vec![claim] };
        let request = NAME.ask(play.stage, play.orgs, vec![query])?;
        let answer = rogue.present(&Answer::honest(&request, &["given_name"], play.now())?)?;
        examine(play.stage, case, &request, Some(&envelope(&answer)), play.stage.home)
    };
    let decomposed = ask(name.nfd().collect(), "N13-control")?;
    let look_alike = ask(format!("{name}\u{3164}"), play.case)?;
    Ok((look_alike, matches!(decomposed, Verdict::Accepted(_))))
}

/// What a wallet does not show is not in the bytes it sends, and a verifier that wanted it does not accept.
fn undisclosed(play: &mut Play<'_, '_>) -> Result<(Verdict, bool)> {
    let mut nothing_leaks = true;
    for service in SERVICES {
        let request = service.ask(play.stage, play.orgs, service.queries(play.stage)?)?;
        let Ok(reviewed) = holder::review(play.stage.home, &play.cast.wallet, request.as_bytes())? else {
            continue;
        };
        let answers = reviewed.choice.answers();
        let Some(answer) = answers.first() else { bail!("a choice has an answer") };
        let hidden = answer.chosen().hidden.clone();
        let held = play.cast.wallet.held(answer.chosen().held).context("the chosen credential")?;
        let mut secrets: Vec<String> = hidden.iter().map(ToString::to_string).collect();
        let values = hidden.iter().filter_map(|path| held.credential().claim(path)?.as_str());
        secrets.extend(values.filter(|value| value.len() > 2).map(str::to_owned));
        let now = play.now();
        let sent = reviewed.agree(&mut play.cast.wallet, now)?;
        nothing_leaks &= secrets.iter().all(|secret| !services::holds(&sent, secret));
    }
    let rogue = play.rogue(&play.orgs.moi, "K01", None)?;
    let request = play.ask()?;
    let answer = rogue.present(&Answer::honest(&request, &["region_sido"], play.now())?)?;
    Ok((play.examine(&request, &answer)?, nothing_leaks && play.control(&rogue)?))
}
