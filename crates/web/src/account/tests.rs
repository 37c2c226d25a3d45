use super::*;
use http::header;
use sinpyo_state::MemoryState;
use sinpyo_testkit::TestEntropy;

const GOOD: &str = "말 배터리 스테이플 정확한 하나둘셋";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds).unwrap()
}

fn accounts(state: &MemoryState) -> Accounts<'_> {
    Accounts { state, cookie: "issuer", transport: Transport::Tls }
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn peer(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn kim() -> LogWord {
    LogWord::parse("kim").unwrap()
}

fn made() -> MemoryState {
    let state = MemoryState::new();
    accounts(&state).enter(&kim(), &secret(GOOD), at(0), &mut TestEntropy::new(1)).unwrap();
    state
}

fn log_in(
    state: &MemoryState,
    from: u8,
    name: &str,
    password: &str,
    now: i64,
) -> Result<LoggedIn, LogInError> {
    let entropy = &mut TestEntropy::new(u64::from(from) + 1000 * u64::try_from(now).unwrap() + 7);
    accounts(state).log_in(peer(from), (name, &secret(password)), at(now), entropy)
}

/// A request of the browser that has the login.
fn browser(state: &MemoryState, login: &LoggedIn) -> HeaderMap {
    let set = accounts(state).set(login).unwrap();
    let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, pair.parse().unwrap());
    headers
}

fn who(state: &MemoryState, headers: &HeaderMap, now: i64) -> Option<String> {
    accounts(state).who(headers, at(now)).unwrap().map(|login| login.name.to_string())
}

#[test]
fn a_login_holds_for_its_browser_and_for_eight_hours() {
    let state = made();
    let login = log_in(&state, 1, "kim", GOOD, 0).unwrap();
    let headers = browser(&state, &login);
    assert_eq!(who(&state, &headers, 8 * 3600 - 1).as_deref(), Some("kim"));
    assert_eq!(who(&state, &headers, 8 * 3600), None);
    assert_eq!(who(&state, &HeaderMap::new(), 0), None);
    let stranger = LoggedIn { name: kim(), session: Session::begin(&mut TestEntropy::new(99)) };
    assert_eq!(who(&state, &browser(&state, &stranger), 0), None);
    accounts(&state).log_out(&login, at(1)).unwrap();
    assert_eq!(who(&state, &headers, 1), None);
}

#[test]
fn decomposed_hangul_is_the_same_password() {
    let state = made();
    let decomposed = GOOD.replace('말', "\u{1106}\u{1161}\u{11af}");
    assert_ne!(decomposed, GOOD);
    assert!(log_in(&state, 1, "kim", &decomposed, 0).is_ok());
}

#[test]
fn a_wrong_password_and_an_unknown_account_are_told_alike() {
    let state = made();
    for (name, password) in
        [("kim", "말 배터리 스테이플 정확한 하나둘넷"), ("lee", GOOD), ("no such/?", GOOD), ("", "")]
    {
        assert_eq!(log_in(&state, 1, name, password, 0).unwrap_err(), LogInError::Wrong, "{name}");
    }
}

#[test]
fn after_five_wrong_passwords_the_right_one_waits_too() {
    let state = made();
    for _ in 0..5 {
        assert_eq!(log_in(&state, 1, "kim", "wrong", 0).unwrap_err(), LogInError::Wrong);
    }
    assert_eq!(log_in(&state, 1, "kim", GOOD, 899).unwrap_err(), LogInError::TooOften);
    assert!(log_in(&state, 2, "kim", GOOD, 899).is_ok(), "from elsewhere");
    assert!(log_in(&state, 1, "kim", GOOD, 900).is_ok());
    assert!(log_in(&state, 1, "kim", GOOD, 901).is_ok(), "the right one does not count");
}

#[test]
fn another_password_and_the_end_of_the_account_end_its_logins() {
    let state = made();
    let login = log_in(&state, 1, "kim", GOOD, 0).unwrap();
    let headers = browser(&state, &login);
    accounts(&state).enter(&kim(), &secret(&GOOD.repeat(2)), at(1), &mut TestEntropy::new(5)).unwrap();
    assert_eq!(who(&state, &headers, 1), None);
    let login = log_in(&state, 1, "kim", &GOOD.repeat(2), 1).unwrap();
    let headers = browser(&state, &login);
    assert_eq!(accounts(&state).names(at(1)).unwrap(), ["kim"]);
    assert!(accounts(&state).remove(&kim(), at(2)).unwrap());
    assert!(!accounts(&state).remove(&kim(), at(2)).unwrap());
    assert_eq!(who(&state, &headers, 2), None);
}

#[test]
fn short_passwords_are_refused() {
    let state = MemoryState::new();
    let enter =
        |password: &str| accounts(&state).enter(&kim(), &secret(password), at(0), &mut TestEntropy::new(1));
    assert_eq!(enter(&"가".repeat(14)), Err(EnterError::Short));
    assert_eq!(enter(&"가".repeat(15)), Ok(()));
}
