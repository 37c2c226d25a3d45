//! The manifest that a draft becomes [spec/voting.md §4].

use crate::{
    dossier::{Contest, Dossier, Invited, Names, Profile, Revote, district_id},
    service::Service,
    settings::Hat,
};
use serde_json::{Map, Value, json};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_blind_rsa::SecretKey;
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    time::Timestamp,
};
use sinpyo_tlog::note::{LogKey, Origin};
use sinpyo_voting::form::to_hex;

/// Smallest and largest number of digits of a ring: 16 to 1,024 members, of base 4.
const DIGITS: std::ops::RangeInclusive<u32> = 2..=5;

/// What a draft still lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    Title,
    Times,
    Contests,
    Districts,
    Trustees,
    TrusteeKeys,
    Threshold,
}

/// What is missing before the election can be called.
pub(crate) fn lacks(dossier: &Dossier) -> Vec<Lack> {
    let draft = &dossier.draft;
    let trustees = u32::try_from(dossier.trustees.len()).unwrap_or(u32::MAX);
    let mut lacks = Vec::new();
    let mut expect = |holds: bool, lack: Lack| {
        if !holds {
            lacks.push(lack);
        }
    };
    expect(!draft.title.ko.is_empty(), Lack::Title);
    expect(draft.opens.is_some() && draft.closes.is_some() && draft.opens < draft.closes, Lack::Times);
    expect(!draft.districts.is_empty(), Lack::Districts);
    let voted_on = |at: usize| draft.contests.iter().any(|contest| is_for(contest, dossier, at));
    expect(!draft.contests.is_empty() && (0..draft.districts.len()).all(voted_on), Lack::Contests);
    expect(trustees > 0, Lack::Trustees);
    expect(dossier.trustees.iter().all(|trustee| trustee.keys.is_some()), Lack::TrusteeKeys);
    expect((1..=trustees).contains(&draft.threshold), Lack::Threshold);
    lacks
}

/// Whether the district at this index votes on a contest.
fn is_for(contest: &Contest, dossier: &Dossier, at: usize) -> bool {
    contest.districts.is_empty()
        || contest.districts.iter().any(|name| dossier.draft.district(name) == Some(at))
}

fn words(names: &Names) -> Value {
    let mut words = Map::new();
    words.insert("ko".to_owned(), json!(names.ko));
    words.insert("en".to_owned(), json!(if names.en.is_empty() { &names.ko } else { &names.en }));
    Value::Object(words)
}

/// The id of a contest and of its options, by their places.
pub(crate) fn contest_id(at: usize) -> String {
    format!("c{}", at + 1)
}

fn contest(at: usize, contest: &Contest) -> Value {
    let option =
        |(number, name): (usize, &Names)| json!({"id": format!("o{}", number + 1), "name": words(name)});
    let options: Vec<Value> = contest.options.iter().enumerate().map(option).collect();
    json!({"id": contest_id(at), "options": options, "title": words(&contest.title)})
}

/// The districts as the manifest has them, and the contests of each style.
fn styled(dossier: &Dossier) -> (Vec<Value>, Vec<Vec<String>>) {
    let draft = &dossier.draft;
    let (mut districts, mut styles) = (Vec::new(), Vec::<Vec<String>>::new());
    for (at, district) in draft.districts.iter().enumerate() {
        let contests = draft.contests.iter().enumerate().filter(|(_, contest)| is_for(contest, dossier, at));
        let contests: Vec<String> = contests.map(|(at, _)| contest_id(at)).collect();
        let style = styles.iter().position(|style| *style == contests).unwrap_or_else(|| {
            styles.push(contests);
            styles.len() - 1
        });
        districts.push(json!({
            "id": district_id(at), "legal": district.legal, "name": words(&district.name), "style": style,
        }));
    }
    (districts, styles)
}

/// The trustees as the manifest has them; none if one has not accepted.
fn trustees(dossier: &Dossier) -> Option<Vec<Value>> {
    let trustee = |trustee: &Invited| {
        let keys = trustee.keys.as_ref()?;
        Some(json!({"box": keys.sealing, "key": keys.key, "name": words(&trustee.name)}))
    };
    dossier.trustees.iter().map(trustee).collect()
}

/// The digits of the smallest rings that hold the largest district, and 1,024 at most.
fn digits(dossier: &Dossier) -> u32 {
    let largest = dossier.draft.districts.iter().map(|district| district.legal).max().unwrap_or(0);
    let fits = |digits: &u32| 4_u32.checked_pow(*digits).is_some_and(|size| size >= largest);
    DIGITS.clone().find(fits).unwrap_or(*DIGITS.end())
}

/// The public half of an RSA key that is kept as PKCS#8, as a manifest has it.
fn public(kept: &str) -> Option<Value> {
    let bytes = from_base64url(kept).ok()?;
    let key = SecretKey::from_pkcs8(&Secret::new(bytes)).ok()?;
    Some(json!(to_base64url(&key.public().to_spki())))
}

impl Service {
    /// The body of the manifest that the dossier's draft is; none if something is lacking.
    pub(crate) fn manifest(&self, election: &ElectionId, dossier: &Dossier) -> Option<Map<String, Value>> {
        lacks(dossier).is_empty().then_some(())?;
        let draft = &dossier.draft;
        let key = |hat: Hat| {
            let key = self.settings.key.signing(election, hat);
            to_hex(key.verifying_key().to_multikey().key())
        };
        let (districts, styles) = styled(dossier);
        let contests: Vec<Value> =
            draft.contests.iter().enumerate().map(|(at, one)| contest(at, one)).collect();
        let options = |style: &Vec<String>| -> usize {
            let ours = |(at, _): &(usize, &Contest)| style.contains(&contest_id(*at));
            draft.contests.iter().enumerate().filter(ours).map(|(_, contest)| contest.options.len()).sum()
        };
        let keys = styles.iter().map(options).max()?;
        let styles: Vec<Value> = styles.iter().map(|contests| json!({"contests": contests})).collect();
        let token = || -> Option<Vec<Value>> { dossier.rsa.token.iter().map(|kept| public(kept)).collect() };
        let (profile, ring, token) = match draft.profile {
            Profile::Ring => ("ring", json!({"base": 4, "digits": digits(dossier)}), Value::Null),
            Profile::Token => ("token", Value::Null, json!({"keys": token()?})),
        };
        let admission = match &dossier.rsa.admission {
            Some(kept) if draft.admission => json!({"key": public(kept)?}),
            _ => Value::Null,
        };
        let body = json!({
            "admission": admission,
            "board": {"key": key(Hat::Board), "log": self.log_key(election)?.to_string()},
            "closes": Timestamp::from_unix(draft.closes?)?.to_string(),
            "contests": contests,
            "districts": districts,
            "floor": draft.floor,
            "host": key(Hat::Host),
            "keys": keys,
            "opens": Timestamp::from_unix(draft.opens?)?.to_string(),
            "profile": profile,
            "registrar": key(Hat::Registrar),
            "revote": match draft.revote { Revote::First => "first", Revote::Last => "last" },
            "ring": ring,
            "styles": styles,
            "threshold": draft.threshold,
            "title": words(&draft.title),
            "token": token,
            "trustees": trustees(dossier)?,
            "version": 1,
            "witnesses": {"keys": draft.witnesses, "quorum": draft.quorum},
        });
        match body {
            Value::Object(body) => Some(body),
            _ => None,
        }
    }

    /// The key that signs the heads of an election's log.
    pub fn log_key(&self, election: &ElectionId) -> Option<LogKey> {
        let name: Origin =
            format!("{}/e/{}", self.settings.site.main().authority(), to_hex(&election.0)).parse().ok()?;
        LogKey::new(name, self.settings.key.signing(election, Hat::Log).verifying_key().clone()).ok()
    }
}
