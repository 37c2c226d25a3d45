//! `social_workers.csv` and `post_customers.csv`: what some residents are besides.

use super::{
    date::day,
    hangul::decomposed,
    random::Random,
    residents::{Resident, changed},
    table::{Row, Table},
};

const WORKER_HEADER: &str =
    "licence_number,grade,acquired_on,specialty,family_name,given_name,resident_id,valid";
const WORKERS: usize = 200;
const CUSTOMER_HEADER: &str =
    "customer_ref,identity_assured,assurance_level,services,family_name,given_name,resident_id";
const CUSTOMERS: usize = 300;

/// Who holds no licence and is no customer, so that a bad row about them breaks nothing else.
fn others(people: &[Resident]) -> Vec<&Resident> {
    let everybody = people.iter().enumerate();
    everybody.filter(|(index, one)| index % 3 == 1 && one.birth.year <= 1999).map(|(_, one)| one).collect()
}

/// Everybody with a role: the first resident, and a third of those born by `year`.
fn holders(people: &[Resident], year: u32) -> impl Iterator<Item = &Resident> {
    let everybody = people.iter().enumerate();
    everybody.filter(move |(index, one)| index % 3 != 1 && one.birth.year <= year).map(|(_, one)| one)
}

/// `social_workers.csv`: a quarter of grade 1, a few revoked or suspended.
pub(super) fn social_workers(people: &[Resident]) -> Table {
    let mut random = Random::named("social workers");
    let rows = holders(people, 1999).take(WORKERS).enumerate();
    let good = rows.map(|(index, one)| worker(&mut random, index, one)).collect();
    let mut bad = worker_rejects(&mut random, people);
    bad.extend(look_alike(&mut random, people));
    Table::new("social_workers.csv", WORKER_HEADER, good).with_rejects(bad)
}

fn worker(random: &mut Random, index: usize, person: &Resident) -> Vec<String> {
    const SPECIALTIES: [(&str, u32); 4] = [("none", 80), ("mental_health", 8), ("medical", 7), ("school", 5)];
    let grade = if index.is_multiple_of(4) { "1" } else { "2" };
    // Not before 22 years of age, nor before there were licences.
    let year = (person.birth.year + 22 + random.below(20)).clamp(1971, 2025);
    let acquired = day(year, 1 + random.below(12), 1 + random.below(28));
    let valid = match index {
        7 | 40 | 131 => "revoked",
        60 | 97 => "suspended",
        _ => "valid",
    };
    let stored = |name: &str| if index % 25 == 24 { decomposed(name) } else { name.to_owned() };
    vec![
        format!("{grade}-99{:05}", index + 1),
        grade.to_owned(),
        acquired.to_string(),
        (*random.weighted(&SPECIALTIES)).to_owned(),
        stored(&person.family),
        stored(&person.given),
        person.id.clone(),
        valid.to_owned(),
    ]
}

fn worker_rejects(random: &mut Random, people: &[Resident]) -> Vec<Row> {
    const BROKEN: [(&str, usize, &str); 9] = [
        ("unknown_grade", 1, "3"),
        ("malformed_licence_number", 0, "1-99"),
        ("malformed_licence_number", 0, "2-９９00301"),
        ("impossible_date", 2, "2023-04-31"),
        ("future_date", 2, "2027-03-02"),
        ("unknown_specialty", 3, "dental"),
        ("unknown_licence_state", 7, "expired"),
        ("unknown_resident", 6, "R999999"),
        ("duplicate_id", 0, "1-9900001"),
    ];
    let rows = BROKEN.iter().zip(others(people)).enumerate();
    rows.map(|(index, ((reason, column, text), person))| Row {
        cells: changed(worker(random, WORKERS + 100 + index, person), &[(*column, text)]),
        reason: Some(reason),
    })
    .collect()
}

/// A licence in the name of ANNA with a Cyrillic first letter: it looks like the resident's name and is another.
fn look_alike(random: &mut Random, people: &[Resident]) -> Option<Row> {
    let anna = people.iter().find(|one| one.given == "ANNA")?;
    let cells = worker(random, WORKERS + 150, anna);
    Some(Row { cells: changed(cells, &[(5, "\u{410}NNA")]), reason: Some("name_mismatch") })
}

/// `post_customers.csv`.
pub(super) fn post_customers(people: &[Resident]) -> Table {
    let mut random = Random::named("post customers");
    let good = holders(people, 2012).take(CUSTOMERS).map(|one| customer(&mut random, one)).collect();
    Table::new("post_customers.csv", CUSTOMER_HEADER, good)
        .with_rejects(customer_rejects(&mut random, people))
}

fn customer(random: &mut Random, person: &Resident) -> Vec<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz2345678";
    const SERVICES: [&str; 4] = ["mail", "deposit", "insurance", "shopping"];
    let reference: String = (0..16).map(|_| char::from(*random.pick(LETTERS))).collect();
    let level = *random.weighted(&[("1", 20), ("2", 60), ("3", 20)]);
    let services: Vec<&str> = SERVICES.into_iter().filter(|_| random.in_thousand(500)).collect();
    let services = if services.is_empty() { "mail".to_owned() } else { services.join(";") };
    vec![
        format!("C{reference}"),
        (level != "1").to_string(),
        level.to_owned(),
        services,
        person.family.clone(),
        person.given.clone(),
        person.id.clone(),
    ]
}

fn customer_rejects(random: &mut Random, people: &[Resident]) -> Vec<Row> {
    const BROKEN: [(&str, usize, &str); 6] = [
        ("malformed_customer_ref", 0, "C123"),
        ("unknown_flag", 1, "yes"),
        ("unknown_assurance_level", 2, "4"),
        ("unknown_service", 3, "mail;lottery"),
        ("unknown_resident", 6, "R999998"),
        ("name_mismatch", 4, "딴"),
    ];
    let rows = BROKEN.iter().zip(others(people));
    rows.map(|((reason, column, text), person)| Row {
        cells: changed(customer(random, person), &[(*column, text)]),
        reason: Some(reason),
    })
    .collect()
}
