//! What the operator's own programs do: the steps of the pages, as JSON, for whoever has the service's key.

use crate::{
    call::Call,
    dossier::{Ask, Dossier, Draft, Invited, Names},
    problem::{absent, unavailable},
    roll_file::{self, RollFileError, Row},
    route::Operation,
    service::Service,
};
use http::{Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{Secret, encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_crypto::mac::{equal, hmac_sha256};
use sinpyo_state::Unavailable;
use sinpyo_voting::{event::Withdrawal, form::to_hex};
use sinpyo_web::{answer, problem::Refusal};

/// What a program sends to begin an election.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    draft: Draft,
    trustees: Vec<Names>,
    #[serde(default)]
    ask: Option<Ask>,
}

fn malformed(detail: &'static str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "VTS-43", &detail) // [VTS-43]
}

impl Service {
    /// The token of the management interface: for programs of whoever has the service's key.
    pub fn manage_token(&self) -> Secret<String> {
        let key = self.settings.key.management();
        Secret::new(to_base64url(&hmac_sha256(&key, b"sinpyo voting management 1")))
    }

    /// A new election with this draft, of these accounts; its id.
    pub(crate) fn found(
        &self,
        (draft, owners): (Draft, Vec<String>),
        trustees: Vec<Names>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Dossier, Unavailable> {
        let mut id = [0; 32];
        entropy.fill(&mut id);
        let election = ElectionId(id);
        let mut dossier = Dossier::new(&election, draft.title.clone(), now);
        (dossier.draft, dossier.owners) = (draft, owners);
        dossier.trustees = trustees.into_iter().map(|name| invited(name, entropy)).collect();
        self.keep_new(&dossier, now, entropy)?;
        Ok(dossier)
    }

    fn keep_new(
        &self,
        dossier: &Dossier,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<(), Unavailable> {
        let change = self.cabinet(now).keep(dossier, None, entropy)?;
        self.settings.state.commit_owned(&[change]).map_err(|_| Unavailable)
    }
}

/// An invitation for somebody of this name.
pub(crate) fn invited(name: Names, entropy: &mut dyn Entropy) -> Invited {
    let mut secret = [0; 16];
    entropy.fill(&mut secret);
    Invited { name, secret: to_hex(&secret), keys: None }
}

/// Answers a program that has the token.
pub(crate) fn answer(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    use Operation as O;
    admit(call)?;
    match call.routed.route.operation {
        O::ManageCreate => create(call, entropy),
        O::ManageRoll => roll(call, entropy),
        O::ManageCodes => codes(call, entropy),
        O::ManageStep => {
            crate::desk::step::take(call, call.routed.part("step"), entropy)?;
            phase(call)
        }
        O::ManageWithdraw => withdraw(call),
        _ => strike(call, entropy),
    }
}

fn admit(call: &Call<'_>) -> Result<(), Refusal> {
    let mut sent = call.request.headers().get_all(header::AUTHORIZATION).iter();
    let token = sent.next().filter(|_| sent.next().is_none());
    let token = token.and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    let ours = call.service.manage_token();
    if token.is_some_and(|token| equal(token.as_bytes(), ours.expose().as_bytes())) {
        return Ok(());
    }
    Err(Refusal::new(StatusCode::UNAUTHORIZED, "VTS-44", &"no token of this service came with the request")) // [VTS-44]
}

fn create(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let order = Value::Object(call.json()?);
    let order: Order =
        serde_json::from_value(order).map_err(|_| malformed("not of the form of an election"))?;
    let draft = (order.draft, Vec::new());
    let mut dossier = call.service.found(draft, order.trustees, call.now, entropy).map_err(unavailable)?;
    if let Some(ask) = order.ask {
        let election = dossier.id().ok_or_else(|| unavailable(Unavailable))?;
        let edit = |dossier: &mut Dossier, _: &mut dyn Entropy| -> Result<_, Unavailable> {
            dossier.ask = Some(ask.clone());
            Ok(Vec::new())
        };
        let kept = call.service.cabinet(call.now).change(&election, entropy, edit).map_err(unavailable)?;
        dossier = kept.ok_or_else(|| unavailable(Unavailable))?;
    }
    let base = format!("{}/e/{}", call.service.settings.site.main(), dossier.election);
    let link = |invited: &Invited| format!("{base}/trustees/{}", invited.secret);
    let trustees: Vec<String> = dossier.trustees.iter().map(link).collect();
    Ok(answer::json(StatusCode::CREATED, &json!({"election": dossier.election, "trustees": trustees})))
}

/// The dossier of the path's election.
pub(crate) fn dossier(call: &Call<'_>) -> Result<Dossier, Refusal> {
    let found = call.service.cabinet(call.now).find(&call.election()?).map_err(unavailable)?;
    found.map(|found| found.dossier).ok_or_else(|| absent("VTS-03", "there is no such election"))
}

fn roll(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let dossier = dossier(call)?;
    let rows = read(&dossier, call.request.body())?;
    let lines = take(call, &rows, entropy)?;
    Ok(answer::json(StatusCode::OK, &json!({"lines": lines})))
}

/// The rows of a file, or what is wrong with it.
fn read(dossier: &Dossier, bytes: &[u8]) -> Result<Vec<Row>, Refusal> {
    roll_file::read(bytes, &|name| dossier.draft.district(name)).map_err(|error| {
        let lines: Vec<u64> = match &error {
            RollFileError::Lines(faults) => faults.iter().map(|fault| fault.line).collect(),
            _ => Vec::new(),
        };
        Refusal::because(StatusCode::UNPROCESSABLE_ENTITY, error.code(), &error)
            .with_member("lines", json!(lines))
    })
}

/// Takes rows into the roll of the path's election.
pub(crate) fn take(call: &Call<'_>, rows: &[Row], entropy: &mut dyn Entropy) -> Result<u32, Refusal> {
    crate::desk::roll::expect_open_roll(call)?;
    let lines = call.roll()?.take(rows, entropy).map_err(unavailable)?;
    lines.ok_or_else(|| absent("VTS-03", "there is no such election"))
}

fn codes(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let dossier = dossier(call)?;
    let made = call.roll()?.make_codes(entropy).map_err(unavailable)?;
    let line = |coded: &crate::roll::Coded| {
        let district = dossier.draft.districts.get(coded.line.district).map(|district| &district.name.ko);
        json!({
            "line": coded.line.number,
            "district": district,
            "label": coded.line.label,
            "code": coded.code.expose(),
        })
    };
    let codes: Vec<Value> = made.iter().map(line).collect();
    Ok(answer::json(StatusCode::OK, &json!({"codes": codes})))
}

fn phase(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (election, log) = call.log()?;
    let phase = call.service.following.with(&election, &*log, |record| record.phase().as_str())?;
    Ok(answer::json(StatusCode::OK, &json!({"phase": phase})))
}

fn texts<'a, const N: usize>(
    members: &'a Map<String, Value>,
    names: [&str; N],
) -> Result<[&'a str; N], Refusal> {
    let mut texts = [""; N];
    for (text, name) in texts.iter_mut().zip(names) {
        *text = members.get(name).and_then(Value::as_str).ok_or_else(|| malformed("a member is missing"))?;
    }
    Ok(texts)
}

fn withdraw(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let members = call.json()?;
    let [contest, option, reason] = texts(&members, ["contest", "option", "reason"])?.map(str::to_owned);
    call.course(|course| course.withdraw(Withdrawal { contest, option, reason }))?;
    phase(call)
}

fn strike(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let members = call.json()?;
    let [reason] = texts(&members, ["reason"])?;
    let line = members.get("line").and_then(Value::as_u64).and_then(|line| u32::try_from(line).ok());
    let line = line.ok_or_else(|| malformed("a member is missing"))?;
    crate::desk::roll::strike_line(call, line, reason, entropy)?;
    phase(call)
}
