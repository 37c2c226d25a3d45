//! A voter before the pages of an election.

use crate::{browser::Browser, polls::Polls};

/// At the page of an election that registers voters, with the codes of so many lines of its roll.
pub(crate) fn called(mut browser: Browser, mut polls: Polls, lines: usize) -> (Browser, Vec<String>) {
    let codes = if lines == 0 { Vec::new() } else { polls.lines(lines) };
    let link = polls.link();
    browser.world.polls = Some(polls);
    browser.paste(&link);
    (browser, codes)
}

/// Registered; the polls are open.
pub(crate) fn voter(profile: &str) -> Browser {
    registered(Polls::new(profile, false))
}

/// The same in this election.
pub(crate) fn registered(polls: Polls) -> Browser {
    let (mut browser, codes) = called(Browser::inside(), polls, 1);
    browser.decide("register", &[("code", &codes[0])]);
    browser.decide("agree", &[]);
    browser.shows(&["명부에 올라 있습니다"]);
    polls_of(&mut browser).open();
    browser.decide("refresh", &[]);
    browser
}

pub(crate) fn polls_of(browser: &mut Browser) -> &mut Polls {
    browser.world.polls.as_mut().unwrap()
}

/// To the page with the tracking code.
pub(crate) fn fill(browser: &mut Browser) -> String {
    browser.decide("enter", &[]);
    browser.decide("choose", &[("contest-0", "2"), ("contest-1", "0")]);
    browser.decide("make", &[]);
    code(browser)
}

/// The tracking code on the page.
pub(crate) fn code(browser: &Browser) -> String {
    let (_, rest) = browser.page.split_once("<strong><code>").unwrap();
    rest.split_once('<').unwrap().0.to_owned()
}

/// The name of the one election that the wallet knows.
pub(crate) fn known(browser: &mut Browser) -> String {
    browser.get("/votes");
    let (_, rest) = browser.page.split_once("\"/votes/").unwrap();
    rest.split_once('/').unwrap().0.to_owned()
}

/// Opens the election from the list.
pub(crate) fn open(browser: &mut Browser) {
    let id = known(browser);
    browser.post(&format!("/votes/{id}/open"), &[]);
}

/// How often the wallet was kept.
pub(crate) fn stores(browser: &Browser) -> usize {
    browser.disk.lock().unwrap().stores
}
