//! Names by the frequency of their parts, and dates of birth.

use super::{
    date::{Date, REFERENCE_DAY, day, days_in},
    random::Random,
};

/// Surnames with their weights, in ten-thousandths of the population.
const SURNAMES: [(&str, u32); 50] = [
    ("김", 2150),
    ("이", 1470),
    ("박", 840),
    ("최", 470),
    ("정", 430),
    ("강", 240),
    ("조", 210),
    ("윤", 210),
    ("장", 200),
    ("임", 170),
    ("한", 150),
    ("오", 150),
    ("서", 150),
    ("신", 150),
    ("권", 140),
    ("황", 140),
    ("안", 140),
    ("송", 140),
    ("전", 110),
    ("홍", 110),
    ("유", 87),
    ("고", 87),
    ("문", 87),
    ("양", 87),
    ("손", 87),
    ("배", 87),
    ("백", 87),
    ("허", 87),
    ("남", 87),
    ("심", 87),
    ("노", 87),
    ("하", 87),
    ("곽", 87),
    ("성", 87),
    ("차", 87),
    ("주", 87),
    ("우", 87),
    ("구", 87),
    ("나", 87),
    ("민", 87),
    ("진", 87),
    ("지", 87),
    ("엄", 87),
    ("채", 87),
    ("원", 87),
    ("남궁", 10),
    ("제갈", 10),
    ("선우", 10),
    ("독고", 10),
    ("황보", 10),
];

const SYLLABLES: [&str; 23] = [
    "민", "서", "지", "하", "도", "예", "윤", "준", "은", "현", "우", "연", "진", "채", "유", "수", "태",
    "가", "나", "라", "소", "빛", "솔",
];
const NATIVE: [&str; 5] = ["나래아름누리", "빛나리", "하늘나리", "온누리", "고운별아라"];
const FOREIGN: [(&str, &str); 6] = [
    ("NGUYEN", "THI HOA"),
    ("TRAN", "VAN MINH"),
    ("O'NEIL-LEE", "ANNA"),
    ("SMITH", "JOHN PAUL"),
    ("BATBAYAR", "SARNAI"),
    ("SANTOS", "MARIA-ELENA"),
];

/// A family name and a given name.
pub(super) fn name(random: &mut Random) -> (String, String) {
    if random.in_thousand(20) {
        let (family, given) = random.pick(&FOREIGN);
        return ((*family).to_owned(), (*given).to_owned());
    }
    let family = (*random.weighted(&SURNAMES)).to_owned();
    let given = if random.in_thousand(10) {
        (*random.pick(&NATIVE)).to_owned()
    } else if random.in_thousand(30) {
        (*random.pick(&SYLLABLES)).to_owned()
    } else {
        format!("{}{}", random.pick(&SYLLABLES), random.pick(&SYLLABLES))
    };
    (family, given)
}

/// A day between 1925 and the reference day, most often around 1975.
pub(super) fn birth_date(random: &mut Random) -> Date {
    // The mean of two draws, so that few are very young or very old.
    let year = 1925 + u32::midpoint(random.below(102), random.below(102));
    let month = 1 + random.below(12);
    let date = day(year, month, 1 + random.below(days_in(year, month)));
    date.min(REFERENCE_DAY)
}
