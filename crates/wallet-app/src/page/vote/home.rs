//! An election's own page: what it is, and what its voter can do now.

use super::{BLANK, ELECTION, Of, all, code, way};
use crate::{
    page::{Menu, View, paragraph},
    vote::Vote,
};
use sinpyo_ballot::ballot::TrackingCode;
use sinpyo_core::time::Timestamp;
use sinpyo_voting::{
    event::{ResultContest, ResultGroup, TallyResult},
    form::to_hex,
    manifest::{Contest, Revote},
    phase::Phase,
    voter::{KeptReceipt, ReceiptState},
};
use sinpyo_web::{
    component::{Field, Tone, Weight, badge, card, details, facts, heading, notice, time},
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
};

const WHEN: Say = say("기간", "When");
const ABOUT: Say = say("이 투표", "About it");
const KEYS: Say = say("수탁자", "Who can open the sums");
const RULE: Say = say("다시 투표하면", "If you vote again");
const LAST: Say = say("마지막 표만 셉니다.", "Only your last ballot counts.");
const FIRST: Say = say("처음 표만 셉니다.", "Only your first ballot counts.");
const FLOOR: Say = say("집계 단위", "Smallest sum that is opened");
const SITE: Say = say("인터넷 주소", "Internet address");
const SLOT: Say = say("내 명부 번호", "Your number in the roll");
const AGAIN: Say = say("다시 투표할 수 있는 횟수", "How often you can vote again");
const TECHNICAL: Say = say("기술 정보", "Technical details");
const HOST_KEY: Say = say("여는 곳의 공개키", "Public key of who holds it");
const STATE: Say = say("내 상태", "You");
const REGISTER: Say = say("선거인 등록", "Register as a voter");
const REGISTER_LEAD: Say = say(
    "안내문에 적힌 등록 코드를 입력하세요. 무엇을 누구에게 보이는지 먼저 보여 드립니다.",
    "Enter the code on your notice. You will see first what is shown to whom.",
);
const CODE: Say = say("등록 코드", "Registration code");
const GO_ON: Say = say("다음", "Next");
const RESUME: Say = say("등록 다시 보내기", "Send the registration again");
const NOT_NOW: Say = say("지금은 등록 기간이 아닙니다.", "Voters are not being registered now.");
const IN_ROLL: Say = say("명부에 올라 있습니다", "You are in the roll");
const WAITING: Say = say(
    "선거인 증명서를 받았지만, 발급한 곳의 공개키를 찾지 못해 아직 지갑에 담지 못했습니다. 투표에는 필요하지 않습니다.",
    "Your certificate came, but its issuer's public key could not be looked up, so it is not in the wallet yet. Voting does not need it.",
);
const ADMIT: Say = say("증명서 확인하고 담기", "Verify it and put it into the wallet");
const SOON: Say = say("투표가 시작되면 여기에서 투표합니다.", "You vote here once it has begun.");
const VOTE: Say = say("투표하기", "Vote");
const VOTE_AGAIN: Say = say("다시 투표하기", "Vote again");
const SEND: Say = say("보내지 못한 투표지 보내기", "Send the ballot that was not sent yet");
const OVER: Say = say("투표가 끝났습니다.", "Voting is over.");
const RECEIPTS: Say = say("영수증", "Receipts");
const RECEIPT_LEAD: Say = say(
    "추적 코드는 표가 투표함에 들어 있음을 증명하며, 무엇을 골랐는지는 말하지 않습니다. 남에게 보여 주면 당신이 투표했음을 알게 됩니다.",
    "The tracking code proves that your ballot is in the box, not what it says. Whoever you show it to knows that you voted.",
);
const PROVEN: Say = say("증인이 확인한 공개 기록에 있음", "In the public record that witnesses have seen");
const PROVEN_ALONE: Say = say("공개 기록에 있음", "In the public record");
const WITNESSES: Say = say("기록의 증인", "Witnesses of the record");
const NO_WITNESS: Say = say(
    "없습니다. 운영하는 곳이 사람마다 다른 기록을 보여 주면 서로 견주어 보아야만 알 수 있습니다.",
    "None. If whoever runs it shows different records to different people, only comparing them finds out.",
);
const PROMISED: Say = say("받았다는 답만 있음: 아직 증명되지 않음", "Promised, not proven yet");
const PROVE: Say = say("투표함에 있는지 확인", "Prove that it is in the box");
const ENTRY: Say = say("기록 번호", "Entry");
const COUNTED: Say = say("셈에 들어감", "Counted");
const REPLACED: Say = say("새 표로 바뀜 · 세지 않음", "Replaced, not counted");
const RESULT: Say = say("결과", "Result");
const RESULT_LEAD: Say = say(
    "여는 곳이 발표한 대로입니다. 누구나 공개 기록으로 다시 셀 수 있습니다.",
    "As announced. Anybody can count again from the public record.",
);
const WITHHELD: Say = say("너무 적어서 열지 않은 집계가 있습니다.", "Some sums are too small to be opened.");
const REFRESH: Say = say("새로 고침", "Refresh");

pub(crate) fn page(of: &Of<'_>, vote: &Vote, trouble: Option<Html>, now: Timestamp) -> View {
    let lang = of.lang;
    let title = super::said(&of.election.manifest().title, lang);
    let main =
        Html::from(heading(title, badge(tone(of.election.phase()), phase(of.election.phase()).of(lang))))
            .and(trouble)
            .and(of.promise())
            .and(card(STATE.of(lang), you(of, vote, now)))
            .and(
                (!vote.voter().receipts().is_empty())
                    .then(|| card(RECEIPTS.of(lang), receipts(of, vote, now))),
            )
            .and(of.election.result().map(|result| card(RESULT.of(lang), outcome(of, result))))
            .and(about(of, vote, now))
            .and(of.press("refresh", REFRESH, Weight::Secondary))
            .and(all(lang));
    View::new(ELECTION.of(lang), Menu::Votes, main)
}

/// What the voter can do.
fn you(of: &Of<'_>, vote: &Vote, now: Timestamp) -> Html {
    let (lang, voter, phase) = (of.lang, vote.voter(), of.election.phase());
    if voter.is_posting() {
        return way::other(of, vote).unwrap_or_else(|| of.press("enter", SEND, Weight::Primary));
    }
    if voter.is_asking() {
        return of.press("register", RESUME, Weight::Primary);
    }
    if !voter.is_registered() {
        return match phase {
            Phase::Registration => form(of, vote),
            _ => paragraph(NOT_NOW.of(lang)),
        };
    }
    let admit = || paragraph(WAITING.of(lang)).and(of.press("admit", ADMIT, Weight::Secondary));
    let known = paragraph(badge(Tone::Good, IN_ROLL.of(lang))).and(vote.is_credential_waiting().then(admit));
    let manifest = of.election.manifest();
    match phase {
        Phase::Open if now < manifest.opens => known.and(begins(of)),
        Phase::Open if now < manifest.closes => {
            let first = voter.receipts().is_empty();
            if !first && manifest.revote == Revote::First {
                return known.and(paragraph(FIRST.of(lang)));
            }
            let (label, weight) =
                if first { (VOTE, Weight::Primary) } else { (VOTE_AGAIN, Weight::Secondary) };
            known.and(way::other(of, vote).unwrap_or_else(|| of.press("enter", label, weight)))
        }
        Phase::Draft | Phase::Ceremony | Phase::Registration | Phase::Frozen => {
            known.and(paragraph(SOON.of(lang)))
        }
        Phase::Open | Phase::Closed | Phase::Tallied | Phase::Archived => known.and(paragraph(OVER.of(lang))),
    }
}

fn begins(of: &Of<'_>) -> Html {
    let opens = Html::from(time(of.election.manifest().opens, of.lang));
    paragraph(match of.lang {
        Lang::Ko => opens.and("부터 투표합니다."),
        Lang::En => Html::from("Voting begins at ").and(opens).and("."),
    })
}

fn form(of: &Of<'_>, vote: &Vote) -> Html {
    let code = vote.code().map_or("", |code| code.expose().as_str());
    let field = Field { value: code, ..Field::text("code", CODE.of(of.lang)) };
    let form = of.form("register", field.html(of.lang), GO_ON);
    let lead =
        paragraph(el(Tag::STRONG).with(REGISTER.of(of.lang))).and(paragraph(REGISTER_LEAD.of(of.lang)));
    lead.and(form)
}

/// What is proven about ballots that were cast.
fn receipts(of: &Of<'_>, vote: &Vote, now: Timestamp) -> Html {
    let all = vote.voter().receipts();
    let newest = all.last().map(KeptReceipt::index);
    let counted = match of.election.manifest().revote {
        Revote::Last => newest,
        Revote::First => all.first().map(KeptReceipt::index),
    };
    // A newer ballot that is only promised replaces nothing yet.
    let is_replaced = of.election.manifest().revote == Revote::Last
        && all.last().is_some_and(|newest| newest.state() == ReceiptState::Proven);
    let mut shown = paragraph(RECEIPT_LEAD.of(of.lang));
    for receipt in all.iter().rev() {
        let (tone, state) = match receipt.state() {
            ReceiptState::Proven if of.election.policy().demands_witnesses() => (Tone::Good, PROVEN),
            ReceiptState::Proven => (Tone::Good, PROVEN_ALONE),
            ReceiptState::Promised => (Tone::Wait, PROMISED),
        };
        let counts =
            if counted == Some(receipt.index()) { Some(COUNTED) } else { is_replaced.then_some(REPLACED) };
        let counts = counts.map(|counts| badge(Tone::Plain, counts.of(of.lang)));
        let tracking = TrackingCode::parse(receipt.tracking()).map(code);
        let entry = facts([(ENTRY.of(of.lang), Html::from(receipt.index().to_string()))]);
        shown = shown
            .and(tracking)
            .and(paragraph(Html::from(badge(tone, state.of(of.lang))).and(" ").and(counts)));
        shown = shown.and(entry);
        if Some(receipt.index()) == newest && receipt.state() == ReceiptState::Promised {
            shown = shown.and(match vote.voter().proves_at() {
                Some(at) if now < at => way::later(of, at),
                _ => of.press("prove", PROVE, Weight::Primary),
            });
        }
    }
    shown
}

fn about(of: &Of<'_>, vote: &Vote, now: Timestamp) -> Html {
    let (lang, manifest) = (of.lang, of.election.manifest());
    let when = Html::from(time(manifest.opens, lang)).and(" – ").and(time(manifest.closes, lang));
    let rule = match manifest.revote {
        Revote::Last => LAST,
        Revote::First => FIRST,
    };
    let floor = match lang {
        Lang::Ko => format!("{}표보다 적은 집계는 따로 열지 않습니다.", manifest.floor),
        Lang::En => format!("No sum of fewer than {} ballots is opened by itself.", manifest.floor),
    };
    let names = manifest.trustees.iter().map(|trustee| Html::from(el(Tag::LI).with(of.words(&trustee.name))));
    let keys = match lang {
        Lang::Ko => {
            format!("아래 {}명 가운데 {}명이 함께해야 합니다.", manifest.trustees.len(), manifest.threshold)
        }
        Lang::En => format!("{} of these {} together.", manifest.threshold, manifest.trustees.len()),
    };
    let keys = paragraph(keys).and(el(Tag::UL).with(names.collect::<Html>()));
    let (quorum, all) = (manifest.log.quorum, manifest.log.witnesses.len());
    let witnesses = match lang {
        _ if quorum == 0 => NO_WITNESS.of(lang).to_owned(),
        Lang::Ko => format!("{all}곳 가운데 {quorum}곳이 서명한 기록만 믿습니다."),
        Lang::En => format!("Only what {quorum} of {all} have signed is believed."),
    };
    let mut rows = vec![
        (WHEN.of(lang), when),
        (RULE.of(lang), rule.of(lang).into()),
        (FLOOR.of(lang), floor.into()),
        (KEYS.of(lang), keys),
        (WITNESSES.of(lang), witnesses.into()),
        (way::WAY.of(lang), way::shown(of)),
    ];
    if let Some(slot) = vote.voter().slot() {
        rows.push((SLOT.of(lang), el(Tag::CODE).with(to_hex(slot)).into()));
    }
    rows.extend(revotes(of, vote, now).map(|count| (AGAIN.of(lang), count.to_string().into())));
    let host = of.election.place().host().map(|key| el(Tag::CODE).with(to_hex(key)).into());
    let site = (SITE.of(lang), Html::foreign(of.election.place().address()));
    let technical = facts([Some(site), host.map(|host| (HOST_KEY.of(lang), host))].into_iter().flatten());
    card(ABOUT.of(lang), Html::from(facts(rows)).and(details(TECHNICAL.of(lang), technical))).into()
}

/// How often the voter can vote again, while voting is open and that is limited.
fn revotes(of: &Of<'_>, vote: &Vote, now: Timestamp) -> Option<usize> {
    let (manifest, voter) = (of.election.manifest(), vote.voter());
    let is_open = of.election.phase() == Phase::Open && manifest.opens <= now && now < manifest.closes;
    let is_limited = manifest.admission.is_some() && manifest.revote == Revote::Last;
    // One of them is for the first ballot.
    let first = usize::from(voter.receipts().is_empty() && !voter.is_posting());
    (voter.is_registered() && is_open && is_limited).then(|| voter.tokens().saturating_sub(first))
}

/// The announced result.
fn outcome(of: &Of<'_>, result: &TallyResult) -> Html {
    let groups: Html = result.groups.iter().map(|group| group_of(of, group)).collect();
    let withheld = (!result.withheld.is_empty()).then(|| notice(Tone::Plain, WITHHELD.of(of.lang)));
    paragraph(RESULT_LEAD.of(of.lang)).and(groups).and(withheld)
}

fn group_of(of: &Of<'_>, group: &ResultGroup) -> Html {
    let manifest = of.election.manifest();
    let name = |(place, id): (usize, &String)| {
        let district = manifest.districts.iter().find(|district| district.id == *id);
        let comma = (place > 0).then_some(", ");
        Html::from(comma).and(el(Tag::SPAN).with(district.map(|district| of.words(&district.name))))
    };
    let names: Html = group.districts.iter().enumerate().map(name).collect();
    let contests: Html = group.contests.iter().map(|contest| contest_of(of, contest)).collect();
    Html::from(el(Tag::H3).with(names)).and(contests)
}

fn contest_of(of: &Of<'_>, counted: &ResultContest) -> Html {
    let contests = &of.election.manifest().contests;
    let Some(contest) = contests.iter().find(|contest| contest.id == counted.id) else { return Html::new() };
    let counts = contest.options.iter().zip(&counted.counts);
    let rows = counts.map(|(option, count)| (of.words(&option.name), Html::from(count.to_string())));
    let blank = (Html::from(BLANK.of(of.lang)), Html::from(counted.blank.to_string()));
    paragraph(of.words(&contest.title)).and(facts(rows.chain([blank])))
}

/// The title of a contest, with what withdrew.
pub(super) fn withdrawn(of: &Of<'_>, contest: &Contest, place: usize) -> Option<Html> {
    let option = contest.options.get(place)?;
    let word = say("사퇴", "withdrawn");
    of.election.is_withdrawn(contest, option).then(|| badge(Tone::Wait, word.of(of.lang)).into())
}

const fn phase(phase: Phase) -> Say {
    match phase {
        Phase::Draft => say("준비 중", "Being prepared"),
        Phase::Ceremony => say("열쇠 만드는 중", "Keys are being made"),
        Phase::Registration => say("선거인 등록 중", "Registering voters"),
        Phase::Frozen => say("명부 확정", "Roll is fixed"),
        Phase::Open => say("투표 중", "Open"),
        Phase::Closed => say("투표 끝", "Closed"),
        Phase::Tallied => say("개표 끝", "Counted"),
        Phase::Archived => say("보관", "Archived"),
    }
}

const fn tone(phase: Phase) -> Tone {
    match phase {
        Phase::Open => Tone::Good,
        Phase::Draft | Phase::Ceremony | Phase::Registration | Phase::Frozen => Tone::Wait,
        Phase::Closed | Phase::Tallied | Phase::Archived => Tone::Plain,
    }
}
