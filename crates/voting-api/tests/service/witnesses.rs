//! What witnesses are told.

use crate::{browser::logged_in, town::Town};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_voting::form::from_hex_array;

#[test]
fn the_key_of_the_log_is_shown_before_the_election_is_called() {
    let mut town = Town::new();
    let mut browser = logged_in(&mut town);
    browser.fill(&mut town, "/admin/new", &[("ko", "동대표 선거"), ("en", "Representatives")]);
    let office = browser.here.clone();
    let election = ElectionId(from_hex_array(office.rsplit('/').next().unwrap()).unwrap());
    browser.open(&mut town, &format!("{office}/edit/witnesses"));
    let key = town.service.log_key(&election).unwrap().to_string();
    assert!(browser.page.contains(&format!("id=\"log-key\">{key}<")), "{key}: {}", browser.page);
}
