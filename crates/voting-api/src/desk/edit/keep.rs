//! What a form says of a draft.

use crate::{
    desk::{named, typed},
    dossier::{Contest, District, Dossier, Draft, Names, Profile, Revote},
};
use sinpyo_core::time::Timestamp;
use sinpyo_web::form::Fields;
use std::time::Duration;

/// Korean time is ahead of UTC by so much, all year.
const KOREAN_TIME: Duration = Duration::from_hours(9);

/// A moment as the page shows and takes it: `2026-11-25 09:00`, Korean time.
pub(super) fn moment(seconds: Option<i64>) -> String {
    let at = seconds.and_then(Timestamp::from_unix).map(|at| at.plus(KOREAN_TIME).to_string());
    at.and_then(|at| at.get(..16).map(|at| at.replace('T', " "))).unwrap_or_default()
}

fn parse_moment(text: &str) -> Option<i64> {
    let at: Timestamp = format!("{}:00Z", text.trim().replacen(' ', "T", 1)).parse().ok()?;
    Some(at.minus(KOREAN_TIME).unix())
}

/// Takes a form into a draft; the name of the field that cannot be taken.
pub(super) fn keep(dossier: &mut Dossier, part: &str, form: &Fields) -> Result<(), &'static str> {
    let text = |name: &str| typed(form, name);
    let draft = &mut dossier.draft;
    let removes = form.text("remove").is_some();
    let names = || named(form).ok_or("ko");
    match part {
        "basics" => {
            let (opens, closes) = (parse_moment(&text("opens")), parse_moment(&text("closes")));
            draft.title = names()?;
            draft.opens = Some(opens.ok_or("opens")?);
            draft.closes = Some(closes.filter(|closes| Some(*closes) > opens).ok_or("closes")?);
            draft.profile = if text("profile") == "token" { Profile::Token } else { Profile::Ring };
            draft.revote = if text("revote") == "first" { Revote::First } else { Revote::Last };
            draft.floor = text("floor").parse().ok().filter(|floor| *floor > 0).ok_or("floor")?;
            draft.threshold =
                text("threshold").parse().ok().filter(|number| *number > 0).ok_or("threshold")?;
        }
        "ask" => dossier.ask = super::ask::read(form)?,
        "witnesses" => {
            let keys: Vec<String> = text("keys")
                .lines()
                .map(|line| line.trim().to_owned())
                .filter(|line| !line.is_empty())
                .collect();
            let quorum: u32 = text("quorum").parse().map_err(|_| "quorum")?;
            if usize::try_from(quorum).is_ok_and(|quorum| quorum > keys.len()) {
                return Err("quorum");
            }
            (draft.witnesses, draft.quorum) = (keys, quorum);
        }
        "districts" if removes => {
            if let Some(at) = taken_out(form, draft.districts.iter().map(|district| &district.name)) {
                draft.districts.remove(at);
            }
        }
        "districts" => {
            let name = names()?;
            if draft.district(&name.ko).is_some() {
                return Err("ko");
            }
            let legal =
                text("legal").replace(',', "").parse().ok().filter(|legal| *legal > 0).ok_or("legal")?;
            draft.districts.push(District { name, legal });
        }
        _ if removes => {
            if let Some(at) = taken_out(form, draft.contests.iter().map(|contest| &contest.title)) {
                draft.contests.remove(at);
            }
        }
        _ => {
            let contest = contest(draft, names()?, &text("options"), &text("districts"))?;
            draft.contests.push(contest);
        }
    }
    Ok(())
}

/// What a form takes out; none if the list is another than the page showed that it was sent from.
fn taken_out<'n>(form: &Fields, mut list: impl ExactSizeIterator<Item = &'n Names>) -> Option<usize> {
    let number = |name: &str| form.text(name).and_then(|number| number.parse::<usize>().ok());
    let at = number("remove").filter(|_| number("of") == Some(list.len()))?;
    list.nth(at).filter(|name| form.text("name") == Some(name.ko.as_str())).map(|_| at) // [VTS-53]
}

fn contest(draft: &Draft, title: Names, options: &str, districts: &str) -> Result<Contest, &'static str> {
    let option = |line: &str| {
        let (ko, en) = line.split_once('/').unwrap_or((line, ""));
        Names { ko: ko.trim().to_owned(), en: en.trim().to_owned() }
    };
    let options: Vec<Names> = options.lines().filter(|line| !line.trim().is_empty()).map(option).collect();
    if !(1..=60).contains(&options.len()) || !options.iter().all(Names::is_readable) {
        return Err("options");
    }
    // By their names: an id is a place, and changes when a district before it is taken out.
    let named =
        |name: &str| draft.districts.get(draft.district(name)?).map(|district| district.name.ko.clone());
    let districts = districts.split(',').map(str::trim).filter(|name| !name.is_empty());
    let districts: Vec<String> = districts.map(named).collect::<Option<_>>().ok_or("districts")?;
    Ok(Contest { title, options, districts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_korean_time() {
        let at: Timestamp = "2026-11-25T00:30:00Z".parse().unwrap();
        assert_eq!(moment(Some(at.unix())), "2026-11-25 09:30");
        assert_eq!(parse_moment(" 2026-11-25 09:30 "), Some(at.unix()));
        for wrong in ["", "2026-11-25", "2026-13-25 09:30", "09:30", "2026-11-25 25:00"] {
            assert_eq!(parse_moment(wrong), None, "{wrong}");
        }
        assert_eq!(moment(None), "");
    }
}
