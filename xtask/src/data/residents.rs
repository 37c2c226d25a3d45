//! `residents.csv`: a thousand residents, and rows that are none.

use super::{
    date::{Date, day},
    hangul::decomposed,
    people,
    places::Place,
    random::Random,
    table::{Row, Table},
};

const HEADER: &str = "resident_id,family_name,given_name,birth_date,region_sido,region_sigungu,\
                      region_eupmyeondong,postal_code,road_address";
const COUNT: usize = 1000;

/// One fictional resident; names are composed here (NFC).
#[derive(Clone)]
pub(super) struct Resident {
    pub(super) id: String,
    pub(super) family: String,
    pub(super) given: String,
    pub(super) birth: Date,
    place: [String; 3],
    postal: String,
    address: String,
    decomposed: bool,
}

/// Names that are there to be stumbled over: CP949 has 뷁 and 똠 but KS X 1001 has not.
const NAMES: [(usize, &str, &str); 9] = [
    (0, "김", "한별"),
    (16, "봉", "뷁"),
    (17, "이", "똠솔"),
    (18, "金", "秀賢"),
    (19, "김", "나래아름누리나래아름누리나래아름누리나래아름누리나래아름누리나래아름누리나래아름"),
    (20, "NGUYEN", "THI HOA"),
    (21, "O'NEIL-LEE", "ANNA"),
    (22, "남궁", "빛"),
    (23, "황보", "나래아름누리"),
];

/// Around 14, 18 and 19 years on the reference day; leap days; the oldest and the youngest.
const BIRTHS: [(usize, Date); 16] = [
    (0, day(1990, 5, 17)),
    (1, day(2012, 11, 21)),
    (2, day(2012, 11, 22)),
    (3, day(2012, 11, 23)),
    (4, day(2008, 11, 21)),
    (5, day(2008, 11, 22)),
    (6, day(2008, 11, 23)),
    (7, day(2007, 11, 21)),
    (8, day(2007, 11, 22)),
    (9, day(2007, 11, 23)),
    (10, day(2008, 2, 29)),
    (11, day(2000, 2, 29)),
    (12, day(1996, 2, 29)),
    (13, day(1928, 2, 29)),
    (14, day(1925, 1, 1)),
    (15, day(2026, 11, 22)),
];

/// What stands at the end of some addresses: the four middle dots, other digits and spaces, quotes.
const ADDRESSES: [(usize, &str); 8] = [
    (24, " (누리\u{b7}다솜아파트)"),
    (25, " (물류\u{318d}유통단지)"),
    (26, " (물류\u{119e}유통단지)"),
    (27, " (가온\u{30fb}미르빌라)"),
    (28, ", １２동 ３０４호"),
    (29, "\u{a0}(별관)"),
    (30, " (\"새집\", 3층)"),
    (31, " (뷁빌라)"),
];

/// The residents an importer must accept, `R000001` to `R001000`.
pub(super) fn generate() -> Vec<Resident> {
    let mut random = Random::named("residents");
    let mut people: Vec<Resident> = (0..COUNT).map(|index| resident(&mut random, index)).collect();
    for (index, family, given) in NAMES {
        if let Some(one) = people.get_mut(index) {
            (one.family, one.given) = (family.to_owned(), given.to_owned());
        }
    }
    for (index, birth) in BIRTHS {
        if let Some(one) = people.get_mut(index) {
            one.birth = birth;
        }
    }
    for (index, end) in ADDRESSES {
        if let Some(one) = people.get_mut(index) {
            one.address.push_str(end);
        }
    }
    people
}

fn resident(random: &mut Random, index: usize) -> Resident {
    let (family, given) = people::name(random);
    let place = Place::random(random);
    Resident {
        id: format!("R{:06}", index + 1),
        family,
        given,
        birth: people::birth_date(random),
        place: place.codes(),
        postal: place.postal_code(random),
        address: place.address(random),
        decomposed: index.is_multiple_of(20),
    }
}

impl Resident {
    fn cells(&self) -> Vec<String> {
        let stored = |name: &str| if self.decomposed { decomposed(name) } else { name.to_owned() };
        let [sido, sigungu, eupmyeondong] = self.place.clone();
        let mut cells =
            vec![self.id.clone(), stored(&self.family), stored(&self.given), self.birth.to_string()];
        cells.extend([sido, sigungu, eupmyeondong, self.postal.clone(), self.address.clone()]);
        cells
    }
}

/// The header and the rows to be accepted.
pub(super) fn header_and_rows(people: &[Resident]) -> Vec<Vec<String>> {
    let header = HEADER.split(',').map(str::to_owned).collect();
    std::iter::once(header).chain(people.iter().map(Resident::cells)).collect()
}

/// `residents.csv` with its bad rows.
pub(super) fn table(people: &[Resident]) -> Table {
    let good = people.iter().map(Resident::cells).collect();
    Table::new("residents.csv", HEADER, good).with_rejects(rejects(people))
}

const FAMILY: usize = 1;
const GIVEN: usize = 2;
const BIRTH: usize = 3;
const SIDO: usize = 4;
const SIGUNGU: usize = 5;
const EUPMYEONDONG: usize = 6;
const POSTAL: usize = 7;
const ADDRESS: usize = 8;

/// What is put into an otherwise good row, and why the row then has to be refused.
const BROKEN: [(&str, &[(usize, &str)]); 25] = [
    ("impossible_date", &[(BIRTH, "2025-02-29")]),
    ("impossible_date", &[(BIRTH, "1987-13-05")]),
    ("impossible_date", &[(BIRTH, "1990/05/17")]),
    ("impossible_date", &[(BIRTH, "２０００-01-01")]),
    ("future_date", &[(BIRTH, "2026-11-23")]),
    ("future_date", &[(BIRTH, "2031-01-01")]),
    ("unknown_region", &[(SIDO, "97"), (SIGUNGU, "97110"), (EUPMYEONDONG, "9711010100")]),
    ("unknown_region", &[(SIDO, "99"), (SIGUNGU, "99999"), (EUPMYEONDONG, "9999910100")]),
    ("unknown_region", &[(SIDO, "99"), (SIGUNGU, "99110"), (EUPMYEONDONG, "9911099900")]),
    ("region_mismatch", &[(SIDO, "98"), (SIGUNGU, "99110"), (EUPMYEONDONG, "9911010100")]),
    ("region_mismatch", &[(SIDO, "99"), (SIGUNGU, "99110"), (EUPMYEONDONG, "9914010100")]),
    ("malformed_region_code", &[(SIDO, "９９"), (SIGUNGU, "99110"), (EUPMYEONDONG, "9911010100")]),
    ("malformed_postal_code", &[(POSTAL, "６６８０１")]),
    ("malformed_postal_code", &[(POSTAL, "6680")]),
    ("empty_name", &[(FAMILY, "")]),
    ("empty_name", &[(GIVEN, " ")]),
    (
        "name_too_long",
        &[(GIVEN, "나래아름누리나래아름누리나래아름누리나래아름누리나래아름누리나래아름누리나래아름누")],
    ),
    ("control_character", &[(GIVEN, "한\u{7}별")]),
    ("invisible_character", &[(GIVEN, "한\u{200d}별")]),
    ("invisible_character", &[(FAMILY, "김\u{200f}")]),
    ("formula_cell", &[(GIVEN, "=HYPERLINK(A1)")]),
    ("formula_cell", &[(ADDRESS, "+가람특별시 누리구 솔빛로 1")]),
    ("formula_cell", &[(FAMILY, "@김")]),
    // Shaped like a resident registration number, but of no month and no day.
    ("registration_number", &[(ADDRESS, "가람특별시 누리구 솔빛로 1 (000000-0000000)")]),
    ("registration_number", &[(GIVEN, "한별 000000-0000000")]),
];

fn rejects(people: &[Resident]) -> Vec<Row> {
    let mut random = Random::named("rejected residents");
    let mut next = COUNT;
    let mut fresh = || {
        next += 1;
        resident(&mut random, next).cells()
    };
    let mut rows: Vec<Row> = BROKEN
        .iter()
        .map(|(reason, changes)| Row { cells: changed(fresh(), changes), reason: Some(reason) })
        .collect();
    // Twice the same identifier: once another person, once the very same row.
    let first = people.first().map(|one| one.id.clone()).unwrap_or_default();
    rows.push(Row { cells: changed(fresh(), &[(0, &first)]), reason: Some("duplicate_id") });
    rows.extend(people.get(40).map(|one| Row { cells: one.cells(), reason: Some("duplicate_id") }));
    rows.push(Row { cells: changed(fresh(), &[(0, "R12")]), reason: Some("malformed_resident_id") });
    let mut short = fresh();
    short.pop();
    rows.push(Row { cells: short, reason: Some("wrong_column_count") });
    let mut long = fresh();
    long.push("여분".to_owned());
    rows.push(Row { cells: long, reason: Some("wrong_column_count") });
    rows
}

/// The cells with some replaced.
pub(super) fn changed(mut cells: Vec<String>, changes: &[(usize, &str)]) -> Vec<String> {
    for (column, text) in changes {
        if let Some(cell) = cells.get_mut(*column) {
            (*text).clone_into(cell);
        }
    }
    cells
}
