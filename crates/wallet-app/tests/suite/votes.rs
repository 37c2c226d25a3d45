//! Voting, from the booth to a receipt, on the pages and against the service itself.

use crate::{
    browser::Browser,
    polls::Polls,
    voter::{code, fill, known, open, polls_of, stores, voter},
};
use std::time::Duration;

#[test]
fn a_voter_registers_votes_and_holds_a_proven_receipt() {
    let mut browser = Browser::inside();
    let mut polls = Polls::new("ring", false);
    let codes = polls.lines(3);
    let link = format!("{}&code={}", polls.link(), codes[0]);
    browser.world.polls = Some(polls);
    browser.paste(&link);
    browser.shows(&["101동 대표 선거", "선거인 등록 중", "등록 코드", "3명 가운데 2명"]);
    assert!(
        browser.page.contains(&format!("value=\"{}\"", codes[0].replace(['-', ' '], ""))),
        "{}",
        browser.page
    );
    assert!(browser.world.sent.iter().all(|sent| sent.starts_with("GET ")), "{:?}", browser.world.sent);
    browser.decide("register", &[("code", &codes[0])]);
    browser.shows(&[
        "선거인으로 등록할까요",
        "101동",
        "신원 정보는 요청하지 않습니다",
        "무엇을 골랐는지",
        "vote.example",
    ]);
    let size = polls_of(&mut browser).size();
    browser.decide("agree", &[]);
    assert_eq!(polls_of(&mut browser).size(), size + 1);
    browser.shows(&["명부에 올라 있습니다", "투표가 시작되면"]);
    browser.get("/");
    browser.shows(&["Voter", "유효 기간 안"]);
    polls_of(&mut browser).open();
    let id = known(&mut browser);
    browser.shows(&["101동 대표 선거", "등록됨"]);
    browser.post(&format!("/votes/{id}/open"), &[]);
    browser.shows(&["투표 중", "투표하기", "마지막 표만 셉니다"]);
    browser.decide("enter", &[]);
    browser.shows(&["김하나", "이두리", "백지", "규약 개정", " required"]);
    browser.decide("choose", &[("contest-0", "2")]);
    browser.shows(&["모든 항목에서 하나를 고르세요"]);
    browser.decide("choose", &[("contest-0", "2"), ("contest-1", "0")]);
    browser.shows(&["이대로 투표지를 만들까요", "이두리", "백지"]);
    browser.decide("make", &[]);
    browser.shows(&["추적 코드", "투표함에 넣기", "다른 기기로 확인하기", "이두리"]);
    let tracking = code(&browser);
    assert_eq!(tracking.split(' ').map(str::len).collect::<Vec<_>>(), [4; 5]);
    let size = polls_of(&mut browser).size();
    browser.decide("cast", &[]);
    assert_eq!(polls_of(&mut browser).size(), size + 1);
    browser.shows(&["아직 공개 기록에 나타나지 않았습니다"]);
    polls_of(&mut browser).tick();
    browser.decide("again", &[]);
    browser.shows(&["영수증", &tracking, "공개 기록에 있음", "없습니다. 운영하는 곳이", "셈에 들어감"]);
    assert!(!browser.page.contains("이두리"), "what was chosen is forgotten");
    browser.get("/votes");
    browser.shows(&["투표했음"]);
}

#[test]
fn a_ballot_goes_out_alone_and_names_nobody() {
    let mut browser = voter("ring");
    fill(&mut browser);
    browser.decide("cast", &[]);
    let polls = polls_of(&mut browser);
    let mut names = polls.posted.remove(0);
    names.retain(|name| name != "host");
    names.sort_unstable();
    assert_eq!(names, ["admission-token", "content-type"]);
    let [path] = browser.world.apart.as_slice() else { panic!("{:?}", browser.world.apart) };
    assert!(path.ends_with("/ballots"), "{path}");
    assert_eq!(browser.world.sent.iter().filter(|sent| sent.ends_with("/ballots")).count(), 1);
}

#[test]
fn a_receipt_is_proven_by_whole_tiles_and_nobody_is_asked_about_a_ballot() {
    let mut browser = voter("ring");
    let tracking = fill(&mut browser);
    let before = browser.world.sent.len();
    browser.decide("cast", &[]);
    polls_of(&mut browser).tick();
    browser.decide("again", &[]);
    browser.shows(&["공개 기록에 있음"]);
    let log = format!("GET {}/log/", polls_of(&mut browser).at());
    let asked = &browser.world.sent[before..];
    let (ballots, others): (Vec<&String>, Vec<_>) = asked.iter().partition(|sent| sent.ends_with("/ballots"));
    assert_eq!(ballots.len(), 1, "{asked:?}");
    assert!(others.iter().any(|sent| sent.contains("/log/tile/0/")), "{asked:?}");
    for sent in others {
        let file = sent.strip_prefix(&log).unwrap_or_else(|| panic!("{sent}"));
        assert!(file == "checkpoint" || file.starts_with("tile/") && !file.contains("entries"), "{sent}");
        assert!(!sent.contains(&tracking.replace(' ', "")), "{sent}");
    }
}

#[test]
fn nothing_is_cast_that_was_not_kept() {
    let mut browser = voter("ring");
    fill(&mut browser);
    let size = polls_of(&mut browser).size();
    browser.disk.lock().unwrap().is_broken = true;
    browser.decide("cast", &[]);
    browser.shows(&["지갑을 저장하지 못했습니다"]);
    assert_eq!(polls_of(&mut browser).size(), size);
    browser.disk.lock().unwrap().is_broken = false;
    browser.decide("again", &[]);
    assert_eq!(polls_of(&mut browser).size(), size + 1);
}

#[test]
fn a_ballot_without_an_answer_is_sent_again_and_counts_once() {
    let mut browser = voter("ring");
    let tracking = fill(&mut browser);
    let size = polls_of(&mut browser).size();
    browser.world.is_online = false;
    browser.decide("cast", &[]);
    browser.shows(&["투표지를 보냅니다", "상대 서버가 응답하지 않습니다", "button primary"]);
    assert_eq!(polls_of(&mut browser).size(), size);
    browser.world.is_online = true;
    // The wallet was closed in between: the flow is gone, the record is not.
    browser.get("/votes");
    browser.shows(&["보내는 중인 투표지가 있음"]);
    open(&mut browser);
    browser.shows(&["보내지 못한 투표지 보내기"]);
    browser.decide("enter", &[]);
    polls_of(&mut browser).tick();
    browser.decide("again", &[]);
    browser.shows(&[&tracking, "공개 기록에 있음"]);
    assert_eq!(polls_of(&mut browser).size(), size + 1);
}

#[test]
fn a_ballot_may_wait_a_while_before_it_is_sent() {
    let mut browser = voter("ring");
    fill(&mut browser);
    let size = polls_of(&mut browser).size();
    browser.decide("cast", &[("later", "on")]);
    browser.shows(&["잠시 뒤에 보냅니다"]);
    browser.decide("again", &[]);
    browser.shows(&["잠시 뒤에 보냅니다"]);
    assert_eq!(polls_of(&mut browser).size(), size);
    browser.at = browser.at.plus(Duration::from_mins(9));
    // The application locks itself when it is not used; it is.
    browser.get(&browser.path.clone());
    browser.at = browser.at.plus(Duration::from_mins(2));
    browser.decide("again", &[]);
    assert_eq!(polls_of(&mut browser).size(), size + 1);
}

#[test]
fn a_second_device_shows_what_the_first_one_made() {
    for profile in ["ring", "token"] {
        let mut browser = voter(profile);
        let slot = (profile == "ring").then(|| {
            let (_, rest) = browser.page.split_once("내 명부 번호").unwrap();
            rest.split_once("<code>").unwrap().1[..32].to_owned()
        });
        let tracking = fill(&mut browser);
        let size = polls_of(&mut browser).size();
        browser.decide("check", &[]);
        browser.shows(&["다른 기기로 확인하세요", "내 기기에만 보여 주세요", &tracking, "<svg"]);
        assert!(!browser.page.contains("이두리"), "what was chosen is forgotten");
        match &slot {
            Some(slot) => browser.shows(&["추적 코드와 명부 번호", slot]),
            None => assert!(!browser.page.contains("명부 번호"), "{}", browser.page),
        }
        let package =
            browser.page.split_once("sinpyo-vote-check:").unwrap().1.split_once('<').unwrap().0.to_owned();
        let package = format!("sinpyo-vote-check:{package}").replace("&amp;", "&");
        let first = browser.path.clone();
        let mut second = Browser::inside();
        second.world.polls = browser.world.polls.take();
        let kept = stores(&second);
        second.paste(&package);
        second.shows(&["이 투표지에 적힌 것", &tracking, "이두리", "백지"]);
        match &slot {
            Some(slot) => second.shows(&["추적 코드와 명부 번호가 같은지", slot]),
            None => assert!(!second.page.contains("명부 번호"), "{}", second.page),
        }
        assert_eq!(stores(&second), kept, "the second device keeps nothing");
        browser.world.polls = second.world.polls.take();
        assert_eq!(polls_of(&mut browser).size(), size, "a checked ballot is not cast");
        // It cannot be cast afterwards either; a new one can.
        browser.get(&first);
        browser.decide("cast", &[]);
        assert_eq!(polls_of(&mut browser).size(), size);
        browser.get(&first);
        browser.decide("new", &[]);
        browser.decide("choose", &[("contest-0", "1"), ("contest-1", "1")]);
        browser.decide("make", &[]);
        assert_ne!(code(&browser), tracking);
        browser.decide("cast", &[]);
        assert_eq!(polls_of(&mut browser).size(), size + 1);
        let mut spoilt = package.into_bytes();
        let end = spoilt.len() - 30;
        spoilt[end] = if spoilt[end] == b'A' { b'B' } else { b'A' };
        let mut third = Browser::inside();
        third.world.polls = browser.world.polls.take();
        third.paste(&String::from_utf8(spoilt).unwrap());
        third.shows(&["확인하지 못했습니다", "그 기기의 지갑", "다시 시도"]);
        assert!(!third.page.contains("button primary"), "it will not go well later: {}", third.page);
    }
}

#[test]
fn voting_again_replaces_the_ballot_that_counts() {
    let mut browser = voter("ring");
    let before = left(&browser);
    let first = fill(&mut browser);
    browser.decide("cast", &[]);
    polls_of(&mut browser).tick();
    browser.decide("again", &[]);
    browser.shows(&[&first, "다시 투표하기"]);
    assert_eq!(left(&browser), before, "the first ballot is none that is cast again");
    assert!(!browser.page.contains("새 표로 바뀜"));
    let second = fill(&mut browser);
    browser.decide("cast", &[]);
    browser.decide("leave", &[]);
    browser.shows(&[&first, &second, "아직 증명되지 않음"]);
    assert!(!browser.page.contains("새 표로 바뀜"), "one that is only promised replaces nothing yet");
    polls_of(&mut browser).tick();
    browser.decide("prove", &[]);
    browser.shows(&[&first, &second]);
    assert_eq!(left(&browser), before - 1);
    assert_eq!(browser.page.matches("셈에 들어감").count(), 1);
    let newest = browser.page.find(&second).unwrap();
    assert!(newest < browser.page.find("셈에 들어감").unwrap());
    assert!(browser.page.find("셈에 들어감").unwrap() < browser.page.find(&first).unwrap());
    let (_, rest) = browser.page.split_once(&first).unwrap();
    assert_eq!(rest.matches("새 표로 바뀜 · 세지 않음").count(), 1);
    assert_eq!(browser.page.matches("새 표로 바뀜 · 세지 않음").count(), 1);
}

/// How often one can vote again, as the page says it.
fn left(browser: &Browser) -> usize {
    let (_, rest) = browser.page.split_once("다시 투표할 수 있는 횟수</dt><dd>").unwrap();
    rest.split_once('<').unwrap().0.parse().unwrap()
}

#[test]
fn nobody_votes_before_the_time_at_which_it_begins() {
    let mut browser = voter("ring");
    browser.shows(&["투표하기", "다시 투표할 수 있는 횟수"]);
    let opens = polls_of(&mut browser).manifest().opens;
    browser.at = opens.minus(Duration::from_secs(1));
    browser.get(&browser.path.clone());
    browser.shows(&["부터 투표합니다"]);
    assert!(!browser.page.contains("투표하기"), "{}", browser.page);
    assert!(!browser.page.contains("다시 투표할 수 있는 횟수"), "{}", browser.page);
    browser.at = opens;
    browser.get(&browser.path.clone());
    browser.shows(&["투표하기"]);
}

#[test]
fn choices_leave_no_trace_in_the_wallet() {
    let mut files = Vec::new();
    for columns in [["1", "1"], ["2", "0"]] {
        let mut browser = voter("ring");
        browser.decide("enter", &[]);
        browser.decide("choose", &[("contest-0", columns[0]), ("contest-1", columns[1])]);
        browser.decide("make", &[]);
        browser.decide("cast", &[]);
        polls_of(&mut browser).tick();
        browser.decide("again", &[]);
        for path in ["/", "/votes", "/history", &browser.path.clone()] {
            browser.get(path);
            assert!(!browser.page.contains("이두리") && !browser.page.contains("김하나"), "{path}");
        }
        files.push(stores(&browser));
    }
    assert_eq!(files[0], files[1]);
}

#[test]
fn a_button_that_is_pressed_twice_does_nothing_twice() {
    let mut browser = voter("ring");
    fill(&mut browser);
    let size = polls_of(&mut browser).size();
    let path = browser.path.clone();
    browser.decide("cast", &[]);
    browser.post(&format!("{path}/cast"), &[]);
    browser.post(&format!("{path}/make"), &[]);
    assert_eq!(polls_of(&mut browser).size(), size + 1);
    browser.shows(&["받았다고 답했습니다"]);
}

#[test]
fn the_pages_speak_english_too() {
    let mut browser = voter("token");
    let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
    let look = |browser: &mut Browser, steps: &[(&str, &[(&str, &str)])]| {
        for (act, fields) in steps {
            browser.decide(act, fields);
            let path = browser.path.clone();
            browser.get(&format!("{path}?lang=en"));
            let main =
                browser.page.split_once("<main").unwrap().1.split_once("</main>").unwrap().0.to_owned();
            assert!(!hangul(&main), "{act}: {main}");
            browser.path = path;
        }
    };
    look(
        &mut browser,
        &[
            ("refresh", &[]),
            ("enter", &[]),
            ("choose", &[("contest-0", "1"), ("contest-1", "1")]),
            ("make", &[]),
            ("check", &[]),
            ("new", &[]),
            ("choose", &[("contest-0", "1"), ("contest-1", "1")]),
            ("make", &[]),
            ("cast", &[]),
            ("leave", &[]),
        ],
    );
    browser.get("/votes?lang=en");
    let main = browser.page.split_once("<main").unwrap().1.split_once("</main>").unwrap().0.to_owned();
    assert!(!hangul(&main), "{main}");
}

#[test]
fn the_result_is_shown_as_it_was_announced() {
    let mut browser = voter("ring");
    fill(&mut browser);
    browser.decide("cast", &[]);
    let polls = polls_of(&mut browser);
    polls.tick();
    polls.close();
    browser.decide("again", &[]);
    browser.decide("refresh", &[]);
    browser.shows(&["개표 끝", "투표가 끝났습니다", "결과", "여는 곳이 발표한 대로", "101동"]);
    let result = browser.page.split_once("<h2>결과").unwrap().1;
    // Nobody voted in the second district: it is counted together with the first.
    assert!(result.contains("101동</bdi></span>, <span><bdi"), "{result}");
    let count = |name: &str| {
        let rest = result.split_once(&format!("{name}</bdi></dt><dd>")).unwrap().1;
        rest.split_once('<').unwrap().0.to_owned()
    };
    assert_eq!((count("김하나"), count("이두리"), count("찬성")), ("0".into(), "1".into(), "0".into()));
    assert!(!browser.page.contains("다시 투표하기"));
    assert!(!browser.page.contains("다시 투표할 수 있는 횟수"));
}
