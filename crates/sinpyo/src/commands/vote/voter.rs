//! `sinpyo vote cast` and `sinpyo vote check`: for auditors and tests; people vote in their wallet.

use super::Done;
use crate::{
    os::OsEntropy,
    say::Voice,
    vote::{
        voter::{self, VoterFile},
        wire::Wire,
    },
};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use sinpyo_voting::{
    form::to_hex,
    phase::Phase,
    voter::{Booth, Choices, Election, VoterLink, Way},
};
use std::{fmt::Write as _, io::Read as _, path::PathBuf};

/// Longest text of a QR code.
const MAX_TEXT: u64 = 16 << 10;

/// Options of a voter.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sinpyo vote cast 'sinpyo-vote:https://vote.example.kr/e/0123…?code=7KQ2…' --voter me\n  sinpyo vote cast https://vote.example.kr/e/0123… --voter me --choose 2,0\n  sinpyo vote cast https://vote.example.kr/e/0123… --voter me --choose 2,0 --check\n  sinpyo vote cast https://vote.example.kr/e/0123… --voter me --prove"
)]
pub(crate) struct Cast {
    /// Link or address of the election. A link with a code registers first.
    link: String,
    /// The voter's folder, which nobody else may look into; it is made if there is none.
    #[arg(long, value_name = "DIR")]
    voter: PathBuf,
    /// The chosen option's number in each contest, in order, with commas between them; 0 is blank. Without it nothing is
    /// cast.
    #[arg(long, value_name = "N", value_delimiter = ',')]
    choose: Vec<u8>,
    /// Do not cast: print what a second device checks. The ballot is thrown away.
    #[arg(long, requires = "choose")]
    check: bool,
    /// Prove now that the newest ballot is in the box. Just after a ballot went through a relay, this lets the board guess
    /// from which address it came; without a relay it is done anyway.
    #[arg(long, conflicts_with = "check")]
    prove: bool,
    /// Agree that ballots go through the relay on this host, or straight to the board ("none"), where this voter has seen
    /// another way before.
    #[arg(long, value_name = "HOST")]
    relay: Option<String>,
}

/// Options of the second device.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sinpyo vote check 'sinpyo-vote-check:https://…#…'\n  sinpyo vote check < check.txt"
)]
pub(crate) struct Check {
    /// The text of the QR code on the first device; read from standard input if it is left out.
    text: Option<String>,
}

pub(super) fn cast(options: &Cast, voice: Voice) -> Result<Done> {
    let link = VoterLink::parse(&options.link)?;
    let mut file = VoterFile::open(&options.voter, link.place)?;
    let wire = Wire::new()?;
    let election = voter::read(&wire, Ok(&file.voter))?;
    file.voter.saw(&election);
    file.keep()?;
    if !file.voter.is_registered() {
        let path = file.path().to_owned();
        let keep = &mut |voter: &_| voter::keep(&path, voter);
        let credential =
            voter::register(&wire, (&mut file.voter, &election), (link.code, &file.holder), keep)?;
        if let Some(credential) = credential {
            file.keep_credential(&credential)?;
        }
        voice.tell("명부에 등록했습니다", "registered in the roll");
    }
    if file.voter.is_posting() {
        agree(options, &mut file, &election, voice)?;
        return send(&wire, file, (&election, options.prove), voice);
    }
    if options.choose.is_empty() && options.prove {
        return prove(&wire, file, &election, voice);
    }
    if options.choose.is_empty() {
        let slot = file.voter.slot().map(|slot| to_hex(slot));
        let machine = json!({"ok": true, "slot": slot, "phase": election.phase().as_str()});
        voice.report(&machine, election.phase().as_str());
        return Ok(Done::Accepted);
    }
    if election.phase() != Phase::Open {
        bail!("the election is in phase {}", election.phase());
    }
    agree(options, &mut file, &election, voice)?;
    let found = voter::find(&wire, &election, &file.voter)?;
    let booth = Booth::enter(&election, &file.voter, found)?;
    let filled = booth.fill(&Choices::new(options.choose.clone()), &mut OsEntropy)?;
    let tracking = filled.tracking_code();
    voice.tell(&format!("추적 코드 {tracking}"), &format!("tracking code {tracking}"));
    if options.check {
        let checked = filled.check();
        let text = checked.text().expose();
        voice.report(&json!({"ok": true, "tracking": tracking.as_str(), "check": text}), text);
        return Ok(Done::Accepted);
    }
    filled.cast(&mut file.voter, &election)?;
    file.keep()?;
    send(&wire, file, (&election, options.prove), voice)
}

/// Says how ballots go; another way than this voter has seen is agreed to by naming it.
fn agree(options: &Cast, file: &mut VoterFile, election: &Election, voice: Voice) -> Result<()> {
    const NONE: &str = "none";
    let now = election.way().relay().unwrap_or(NONE);
    if !file.voter.agrees(election) {
        if options.relay.as_deref() != Some(now) {
            let before = file.voter.way().and_then(Way::relay).unwrap_or(NONE);
            bail!(
                "the board names another relay than before ({now}, before: {before}): if it tells you alone, it knows your \
                 ballot by it; compare with others, and agree with --relay {now}"
            );
        }
        file.voter.agree(election);
        file.keep()?;
    }
    voice.tell(&format!("중계 서버: {now}"), &format!("relay: {now}"));
    Ok(())
}

/// Sends the ballot that the record has, and proves the receipt; after a relay only if that is wanted at once.
fn send(
    wire: &Wire,
    mut file: VoterFile,
    (election, wants_proof): (&Election, bool),
    voice: Voice,
) -> Result<Done> {
    // Over a connection that nothing else of this voter goes through.
    let sent = voter::cast(&Wire::new()?, &mut file.voter, election);
    file.keep()?;
    if let Err(error) = sent {
        let problem = format!("{error:#}");
        voice.report(&json!({"ok": false, "problem": problem}), &problem);
        return Ok(Done::Refused);
    }
    if election.way().relay().is_none() || wants_proof {
        return prove(wire, file, election, voice);
    }
    // The board would be asked from this voter's own address for the end of the log, just as the ballot came.
    let receipt = file.voter.receipts().last().context("there is no receipt")?;
    let (tracking, index) = (receipt.tracking(), receipt.index());
    let says = voice.pick(
        "받았다는 답을 받았습니다; 한참 뒤에 --prove 로 증명하세요",
        "taken, says the board; prove it a good while later, with --prove",
    );
    let machine = json!({"ok": true, "tracking": tracking, "index": index, "proven": false});
    voice.report(&machine, &format!("{tracking}: {says} ({index})"));
    Ok(Done::Accepted)
}

/// Proves the newest receipt.
fn prove(wire: &Wire, mut file: VoterFile, election: &Election, voice: Voice) -> Result<Done> {
    if file.voter.receipts().is_empty() {
        bail!("this voter has cast no ballot");
    }
    voter::confirm(wire, &mut file.voter, election)?;
    file.keep()?;
    let receipt = file.voter.receipts().last().context("there is no receipt")?;
    let (tracking, index) = (receipt.tracking(), receipt.index());
    let says = voice.pick("투표함에 있음이 증명되었습니다", "proven to be in the ballot box");
    let machine = json!({"ok": true, "tracking": tracking, "index": index, "proven": true});
    voice.report(&machine, &format!("{tracking}: {says} ({index})"));
    Ok(Done::Accepted)
}

pub(super) fn check(options: &Check, voice: Voice) -> Result<Done> {
    let text = if let Some(text) = &options.text {
        text.clone()
    } else {
        let mut text = String::new();
        std::io::stdin().take(MAX_TEXT).read_to_string(&mut text).context("the code is no text")?;
        text
    };
    let (election, verdict) = match voter::check(&Wire::new()?, &text) {
        Ok(checked) => checked,
        Err(error) => {
            let problem = format!("{error:#}");
            voice.report(&json!({"ok": false, "problem": problem}), &problem);
            return Ok(Done::Refused);
        }
    };
    let tracking = verdict.tracking_code();
    let slot = verdict.slot().map(|slot| to_hex(slot));
    let mut people = format!("{} {tracking}\n", voice.pick("추적 코드", "tracking code"));
    let mut choices = serde_json::Map::new();
    for (contest, option) in verdict.choices(&election) {
        let chosen = option.map(|option| option.id.clone());
        let shown = chosen.clone().unwrap_or_else(|| voice.pick("기권", "blank").to_owned());
        // Writing to a string does not fail.
        let _ = writeln!(people, "{}: {shown}", contest.id);
        choices.insert(contest.id.clone(), json!(chosen));
    }
    let _ = write!(people, "{} {}", voice.pick("명부 자리", "slot"), slot.as_deref().unwrap_or("-"));
    let machine = json!({"ok": true, "tracking": tracking.as_str(), "choices": choices, "slot": slot});
    voice.report(&machine, &people);
    Ok(Done::Accepted)
}
