//! The pages: a host takes an election from the title to the record, without a script.

use crate::{
    browser::{Browser, attribute, logged_in},
    town::{HOST, HOUR, START, Town},
};
use http::{Request, StatusCode};

#[test]
fn a_host_makes_an_election_in_small_steps() {
    let mut town = Town::new();
    let mut browser = logged_in(&mut town);
    let office = basics(&mut town, &mut browser);
    let link = parts(&mut town, &mut browser, &office);
    let election = keys(&mut town, &mut browser, (&office, &link));
    let voter = roll(&mut town, &mut browser, &office);
    votes(&mut town, &mut browser, (&office, &voter));
    counted(&mut town, &mut browser, (&office, &election));
}

/// The title, and what is asked of every election.
fn basics(town: &mut Town, browser: &mut Browser) -> String {
    browser.fill(town, "/admin/new", &[("ko", ""), ("en", "")]);
    assert!(browser.page.contains("한국어 이름을 적어 주세요"));
    browser.fill(town, "/admin/new", &[("ko", "동대표 선거 <b>"), ("en", "")]);
    let office = browser.here.clone();
    assert!(browser.page.contains("동대표 선거 &lt;b&gt;") && browser.page.contains("선거구가 없습니다"));

    let part = |name: &str| format!("{office}/edit/{name}");
    browser.open(town, &part("basics"));
    let basics = [
        ("ko", "동대표 선거"),
        ("en", "Representatives"),
        ("opens", "2026-11-24 09:00"),
        ("closes", "2026-11-23 18:00"),
        ("profile", "ring"),
        ("revote", "last"),
        ("floor", "1"),
        ("threshold", "1"),
    ];
    browser.fill(town, &part("basics"), &basics);
    assert!(browser.page.contains("이 값을 확인해 주세요"), "it closes before it opens");
    let (opens, closes) = (moment(START + 24 * HOUR), moment(START + 48 * HOUR));
    let mut basics = basics;
    (basics[2].1, basics[3].1) = (&opens, &closes);
    browser.fill(town, &part("basics"), &basics);
    assert_eq!(browser.here, office);
    office
}

/// Districts, a contest, a trustee who is invited.
fn parts(town: &mut Town, browser: &mut Browser, office: &str) -> String {
    let part = |name: &str| format!("{office}/edit/{name}");
    for (ko, legal) in [("101동", "3"), ("102동", "2")] {
        browser.open(town, &part("districts"));
        browser.fill(town, &part("districts"), &[("ko", ko), ("en", ""), ("legal", legal)]);
    }
    browser.fill(town, &part("districts"), &[("ko", "101동"), ("en", ""), ("legal", "1")]);
    assert!(browser.page.contains("이 값을 확인해 주세요"), "a name twice");
    browser.open(town, &part("contests"));
    let contest = [("ko", "회장"), ("en", "Chair"), ("options", "김가람 / Kim\n이나래"), ("districts", "")];
    browser.fill(town, &part("contests"), &contest);
    assert!(browser.page.contains("김가람"));
    browser.open(town, office);
    browser.fill(town, &format!("{office}/invite"), &[("ko", "감사"), ("en", "Auditor")]);
    browser.page.split("/trustee/").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

/// The trustee accepts, the election is called, the key is made.
fn keys(town: &mut Town, browser: &mut Browser, (office, link): (&str, &str)) -> String {
    let part = format!("{office}/edit/basics");
    // The trustee's page names the program; the program posts the keys.
    let election = office.strip_prefix("/admin/e/").unwrap().to_owned();
    let mut trustee = Browser::new();
    trustee.open(town, &format!("/e/{election}/trustee/{link}?lang=en"));
    assert!(trustee.page.contains("sinpyo vote trustee") && trustee.page.contains("Not accepted yet"));
    trustee.open(town, &format!("/e/{election}/trustee/{}", "0".repeat(32)));
    assert_eq!(trustee.status, StatusCode::NOT_FOUND);
    town.adopt(&election, &[link.to_owned()]);

    browser.open(town, office);
    browser.fill(town, &format!("{office}/step/call"), &[]);
    assert!(browser.page.contains("열쇠"));
    browser.open(town, &part);
    browser.fill(town, &part, &[("ko", "다른 이름")]);
    assert_eq!(browser.status, StatusCode::CONFLICT, "the manifest is in the log");
    for _ in 0..4 {
        town.trustees_work();
    }
    browser.open(town, office);
    browser.fill(town, &format!("{office}/step/done"), &[]);
    assert!(browser.page.contains("유권자 등록"));
    election
}

/// The roll is frozen, a candidate withdraws, a voter votes and finds the ballot.
fn votes(town: &mut Town, browser: &mut Browser, (office, voter): (&str, &crate::town::Voter)) {
    let election = office.strip_prefix("/admin/e/").unwrap();
    browser.open(town, office);
    browser.fill(town, &format!("{office}/step/freeze"), &[]);
    town.trustees_work();
    browser.open(town, office);
    browser.fill(town, &format!("{office}/withdraw"), &[("option", "c1/o2"), ("reason", "건강 문제")]);
    town.pass(24 * HOUR);
    town.tick();
    let prepared = town.prepare(voter, &[1]);
    let tracking = prepared.tracking_code().to_string();
    assert_eq!(town.cast(&prepared.cast(), Some(&voter.tokens[0])).0, StatusCode::CREATED);
    town.tick();
    browser.open(town, &format!("/e/{election}/find?lang=ko&tracking={}", tracking.replace(' ', "+")));
    assert!(browser.page.contains("번 항목에 있습니다") && browser.page.contains("c2sp.org/tlog-proof"));
    browser.open(town, &format!("/e/{election}/find?tracking=aaaa-aaaa-aaaa-aaaa-aaaa"));
    assert!(browser.page.contains("기록에 없습니다"));
    browser.open(town, &format!("/e/{election}?lang=ko"));
    for text in ["투표하기", "건강 문제", "사퇴한 후보", "1장보다 적은", "직접 확인하기"]
    {
        assert!(browser.page.contains(text), "{text}");
    }
    browser.open(town, &format!("/e/{election}/vote?lang=en"));
    assert!(
        browser.page.contains("sinpyo-vote:https://vote.example.kr/e/")
            && browser.page.contains("no login and no cookie")
    );
}

/// What everybody reads afterwards.
fn counted(town: &mut Town, browser: &mut Browser, (office, election): (&str, &str)) {
    town.pass(24 * HOUR);
    town.tick();
    town.trustees_work();
    town.tick();
    browser.open(town, &format!("/e/{election}/record?lang=ko"));
    for text in ["선거록", "회장", "100.0%", "기권(백지)", "이상 없음", "수탁자 서명"] {
        assert!(browser.page.contains(text), "{text}");
    }
    // Two days later the login is over.
    browser.open(town, &format!("{office}/audit"));
    assert_eq!(browser.here, "/admin/login");
    let mut browser = logged_in(town);
    browser.open(town, &format!("{office}/audit"));
    for words in [
        "선거를 만듦",
        "등록 코드를 만듦",
        "명부를 가져옴",
        "후보의 사퇴를 공고함",
        "다음 단계로 넘어감: 명부 확정",
        "초안을 고침: 선거구",
    ] {
        assert!(browser.page.contains(words), "{words}");
    }
    assert!(!browser.page.contains("301호"), "the audit log has no labels");
    browser.open(town, &format!("{office}/audit?lang=en"));
    assert!(browser.page.contains("Took a step: Roll frozen") && !browser.page.contains("election.step"));
    browser.open(town, "/?lang=en");
    assert!(browser.page.contains("Representatives"));
}

/// The roll by file and by text, its faults, codes, a correction and a new code.
fn roll(town: &mut Town, browser: &mut Browser, office: &str) -> crate::town::Voter {
    let path = format!("{office}/roll");
    browser.open(town, &path);
    let token = attribute(&browser.page, "data-token");
    let send = |town: &mut Town, bytes: Vec<u8>, token: &str| {
        let request = Request::post(format!("{path}/file"))
            .header("host", HOST)
            .header("origin", format!("https://{HOST}"))
            .header("cookie", browser.cookie())
            .header("content-type", "text/csv")
            .header("form-token", token)
            .body(bytes)
            .unwrap();
        let response = town.send(&request);
        (response.status(), crate::town::parsed(&response)["next"].as_str().unwrap_or_default().to_owned())
    };
    let text = "district,label\n101동,301호\n101동,302호\n102동,김가람\n";
    assert_eq!(send(town, text.as_bytes().to_vec(), "forged").0, StatusCode::FORBIDDEN);
    let (status, faults) = send(town, "district,label\n101동,301호\n109동,1호\n".as_bytes().to_vec(), &token);
    assert_eq!(status, StatusCode::OK);
    let (cp949, ..) = encoding_rs::EUC_KR.encode(text);
    let (_, preview) = send(town, cp949.into_owned(), &token);
    browser.open(town, &faults);
    assert!(browser.page.contains("3번째 줄: 그런 선거구가 없습니다"));
    browser.open(town, &preview);
    assert!(
        browser.page.contains("3줄을 읽었습니다")
            && browser.page.contains("김가람")
            && browser.page.contains("2 / 3")
    );
    browser.fill(town, &format!("{path}/take"), &[]);
    assert!(browser.page.contains("301호") && browser.page.contains("코드 없음"));
    browser.fill(town, &format!("{office}/codes"), &[]);
    let codes: Vec<String> = browser
        .page
        .split("<code>")
        .skip(1)
        .map(|code| code.split('<').next().unwrap().to_owned())
        .filter(|code| code.len() == 19)
        .collect();
    assert_eq!(codes.len(), 3);
    assert!(browser.page.contains("<svg"));
    browser.open(town, &path);
    assert!(!codes.iter().any(|code| browser.page.contains(code)), "codes are shown once");

    corrected(town, browser, &codes)
}

/// A lost phone, a line that is struck, a line that is added.
fn corrected(town: &mut Town, browser: &mut Browser, codes: &[String]) -> crate::town::Voter {
    let path = browser.here.clone();
    let office = path.strip_suffix("/roll").unwrap().to_owned();
    // A voter registers, loses the phone, gets a new code and registers again.
    town.register(&codes[0], [1; 32]);
    browser.open(town, &path);
    assert!(browser.page.contains("등록함"));
    browser.fill(town, &format!("{office}/codes/again"), &[("line", "1")]);
    let again = browser.page.split("<code>").skip(1).find_map(|code| {
        let code = code.split('<').next().unwrap();
        (code.len() == 19).then(|| code.to_owned())
    });
    let slot = |town: &mut Town| {
        let summary = crate::town::parsed(&town.get(&town.at("/summary")));
        summary["registered"]["d1"].as_u64().unwrap()
    };
    assert_eq!(slot(town), 1);
    let voter = town.register(&again.unwrap(), [9; 32]);
    assert_eq!(slot(town), 1, "the old commitment is dead");
    browser.open(town, &path);
    browser.fill(town, &format!("{path}/strike"), &[("line", "2"), ("reason", "moved")]);
    assert!(browser.page.contains("삭제됨"));
    assert_eq!(town.begin(&codes[1]).1["code"], "code");
    browser.fill(town, &format!("{path}/text"), &[("text", "district,label\n102동,이나래\n")]);
    browser.fill(town, &format!("{path}/take"), &[]);
    assert!(browser.page.contains("이나래"));
    voter
}

fn moment(seconds: i64) -> String {
    let at = sinpyo_core::time::Timestamp::from_unix(seconds + 9 * HOUR).unwrap().to_string();
    at[..16].replace('T', " ")
}

#[test]
fn the_desk_is_for_who_is_logged_in_and_for_its_own_forms() {
    let mut town = Town::new();
    let mut browser = logged_in(&mut town);
    let mut stranger = Browser::new();
    stranger.open(&mut town, "/admin/new");
    assert_eq!(stranger.here, "/admin/login");
    let forms = [("origin", "https://evil.example"), ("origin", "https://vote.example.kr")];
    for (name, value) in forms {
        let request = Request::post("/admin/new")
            .header("host", HOST)
            .header(name, value)
            .header("cookie", browser.cookie())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(b"ko=a&en=b&csrf=forged".to_vec())
            .unwrap();
        assert_eq!(town.send(&request).status(), StatusCode::FORBIDDEN);
    }
    browser.fill(&mut town, "/admin/logout", &[]);
    browser.open(&mut town, "/admin");
    assert_eq!(browser.here, "/admin/login");
    let request =
        Request::post("/manage/elections").header("host", HOST).header("content-type", "application/json");
    assert_eq!(town.send(&request.body(b"{}".to_vec()).unwrap()).status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn a_page_that_is_not_there_says_so_in_the_readers_language() {
    let mut town = Town::new();
    let mut browser = Browser::new();
    browser.open(&mut town, &format!("/e/{}?lang=en", "ab".repeat(32)));
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
    assert!(browser.page.contains("Not found") && browser.page.contains("VTS-03"));
    browser.open(&mut town, "/openapi.json");
    assert!(browser.page.contains("/e/{election}/ballots"));
}

#[test]
fn a_new_code_ends_the_one_before() {
    let mut town = Town::with_keys(&crate::town::draft("ring", "last"));
    let codes = town.codes(3);
    let mut browser = logged_in(&mut town);
    let office = format!("/admin/e/{}", sinpyo_voting::form::to_hex(&town.election.0));
    let roll = format!("{office}/roll");
    browser.open(&mut town, &roll);
    browser.fill(&mut town, &format!("{office}/codes/again"), &[("line", "2")]);
    let new = browser.page.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(town.begin(&codes[1]).1["rule"], "VTS-26");
    assert_eq!(town.begin(&new).0, StatusCode::OK);
    assert_eq!(town.begin(&codes[0]).0, StatusCode::OK, "other lines keep theirs");
    browser.open(&mut town, &roll);
    browser.fill(&mut town, &format!("{roll}/strike"), &[("line", "2"), ("reason", "moved")]);
    browser.open(&mut town, &roll);
    browser.fill(&mut town, &format!("{office}/codes/again"), &[("line", "3")]);
    assert_eq!(town.begin(&new).1["rule"], "VTS-26", "a struck line has no code");
}

#[test]
fn the_roll_is_searched_by_number_and_by_a_part_of_the_label() {
    let mut town = Town::with_keys(&crate::town::draft("ring", "last"));
    let _codes = town.codes(230);
    let mut browser = logged_in(&mut town);
    let roll = format!("/admin/e/{}/roll", sinpyo_voting::form::to_hex(&town.election.0));
    let mut lines = |path: &str| {
        browser.open(&mut town, path);
        let inputs = browser.page.split("name=\"line\" value=\"").skip(1);
        let mut lines: Vec<u32> =
            inputs.map(|input| input.split('"').next().unwrap().parse().unwrap()).collect();
        lines.dedup();
        (lines, browser.page.clone())
    };
    // The labels are the numbers with a word.
    let has = |part: &str| -> Vec<u32> {
        (1..=230).filter(|number: &u32| format!("{number}호").contains(part)).collect()
    };
    let (found, page) = lines(&format!("{roll}?find=17&lang=ko"));
    assert_eq!(found, has("17"));
    assert!(page.contains("value=\"17\"") && page.contains("← 명부 전체"));
    let (found, page) = lines(&format!("{roll}?find=+%ED%98%B8+"));
    assert_eq!(found, (1..=100).collect::<Vec<_>>());
    assert!(page.contains("?after=100&amp;find=%ED%98%B8"));
    let (found, page) = lines(&format!("{roll}?after=200&find=%ED%98%B8"));
    assert_eq!(found, (201..=230).collect::<Vec<_>>());
    assert!(!page.contains("다음 →"));
    let (found, page) = lines(&format!("{roll}?find=%22%3E%3Cb%3E&lang=en"));
    assert!(found.is_empty() && page.contains("The roll has no such line.") && !page.contains("<b>"));
    assert!(page.contains("Find in the roll"));
    assert_eq!(lines(&roll).0.len(), 100);
    browser.open(&mut town, &format!("{roll}?after=x"));
    assert_eq!(browser.status, StatusCode::BAD_REQUEST);
}

#[test]
fn what_was_not_looked_at_is_not_taken() {
    let mut town = Town::with_keys(&crate::town::draft("ring", "last"));
    let mut browser = logged_in(&mut town);
    let roll = format!("/admin/e/{}/roll", sinpyo_voting::form::to_hex(&town.election.0));
    browser.open(&mut town, &format!("{roll}/preview?upload=AAAA"));
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
    browser.open(&mut town, &roll);
    browser.fill(&mut town, &format!("{roll}/text"), &[("text", "district,label\n101동,7호\n")]);
    town.pass(2 * HOUR);
    browser.fill(
        &mut town,
        &format!("{roll}/take"),
        &[("upload", &attribute(&browser.page.clone(), "name=\"upload\" value"))],
    );
    assert_eq!(browser.status, StatusCode::NOT_FOUND, "it waited too long");
}

#[test]
fn an_election_may_ask_for_membership_and_for_nothing_more() {
    let mut town = Town::new();
    let mut browser = logged_in(&mut town);
    browser.fill(&mut town, "/admin/new", &[("ko", "총회"), ("en", "")]);
    let office = browser.here.clone();
    let (ask, districts) = (format!("{office}/edit/ask"), format!("{office}/edit/districts"));
    browser.open(&mut town, &ask);
    assert!(
        browser.page.contains("아직 누구의 이름으로도 물을 수 없습니다"),
        "this service has no registrar"
    );
    let wrong = [("kind", "member"), ("service", "not a code!"), ("member_of", "")];
    browser.fill(&mut town, &ask, &wrong);
    assert!(browser.page.contains("이 값을 확인해 주세요"));
    browser.fill(
        &mut town,
        &ask,
        &[("kind", "member"), ("service", "vote.register"), ("member_of", "kr.apt.101")],
    );
    assert_eq!(browser.here, office);
    assert!(browser.page.contains("소속과 투표권"));
    browser.open(&mut town, &ask);
    assert!(browser.page.contains("kr.apt.101"));
    browser.fill(&mut town, &ask, &[("kind", "none"), ("service", ""), ("member_of", "")]);
    assert!(browser.page.contains("코드만"));
    browser.open(&mut town, &districts);
    browser.fill(&mut town, &districts, &[("ko", "101동"), ("en", ""), ("legal", "30")]);
    browser.open(&mut town, &office);
    assert!(browser.page.contains("결과를 열 수 없습니다"), "thirty voters, and fifty ballots are needed");
}

/// What everybody and what the host read about the trustees.
fn about_trustees((town, browser): (&mut Town, &mut Browser), lang: &str) -> [String; 2] {
    let election = sinpyo_voting::form::to_hex(&town.election.0);
    [format!("/e/{election}?lang={lang}"), format!("/admin/e/{election}?lang={lang}")].map(|path| {
        browser.open(town, &path);
        assert_eq!(browser.status, StatusCode::OK);
        browser.page.clone()
    })
}

#[test]
fn trustees_who_were_left_out_are_named_with_the_reason() {
    let mut town = Town::new();
    town.call(&crate::town::draft("ring", "last"));
    let mut browser = logged_in(&mut town);
    // The third trustee's program does not run.
    town.trustees.truncate(2);
    town.trustees_work();
    let [everybody, host] = about_trustees((&mut town, &mut browser), "en");
    assert!(everybody.contains("Trustee 3") && !everybody.contains("Left out"));
    assert!(host.contains("Waiting for") && !host.contains("Trustees left out"));
    town.step("next-reveal");
    for page in about_trustees((&mut town, &mut browser), "en") {
        assert!(page.contains("3. Trustee 3") && page.contains("it sent no commitment, and the host waited"));
        assert!(!page.contains("did not reveal"));
    }
    for page in about_trustees((&mut town, &mut browser), "ko") {
        assert!(page.contains("3. 수탁자 3") && page.contains("약속을 보내지 않았고"));
    }
    for _ in 0..3 {
        town.trustees_work();
    }
    town.step("done");
    for page in about_trustees((&mut town, &mut browser), "ko") {
        assert!(page.contains("약속을 보내지 않았고"), "also when the ceremony is over");
    }
}

#[test]
fn who_does_not_answer_a_complaint_is_named_with_who_complained() {
    let mut town = Town::new();
    town.call(&crate::town::draft("ring", "last"));
    let mut browser = logged_in(&mut town);
    for _ in 0..3 {
        town.trustees_work();
    }
    town.trustees.truncate(2);
    town.complain(2, 3);
    town.step("next-answers");
    for page in about_trustees((&mut town, &mut browser), "en") {
        assert!(page.contains("it did not answer the complaint of trustee 2 (Trustee 2)"), "{page}");
    }
    for page in about_trustees((&mut town, &mut browser), "ko") {
        assert!(page.contains("수탁자 2(수탁자 2)의 이의에 답하지 않았습니다"));
    }
}
