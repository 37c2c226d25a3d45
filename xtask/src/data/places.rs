//! The fictional geography: two provinces, eight districts, three neighbourhoods each.

use super::{random::Random, table::Table};

/// A neighbourhood with everything above it.
#[derive(Clone, Copy)]
pub(super) struct Place {
    province: &'static Province,
    district: &'static District,
    neighbourhood: &'static (&'static str, &'static str),
}

struct Province {
    code: &'static str,
    name: &'static str,
    districts: &'static [District],
}

struct District {
    code: &'static str,
    name: &'static str,
    /// The first of its 700 postal codes, all within 64000 to 69999, which are in reserve.
    postal: u32,
    /// Five digits after those of the district, and the name.
    neighbourhoods: [(&'static str, &'static str); 3],
}

/// Codes 98 and 99 belong to no province.
const PROVINCES: [Province; 2] = [
    Province {
        code: "98",
        name: "한울도",
        districts: &[
            District {
                code: "98110",
                name: "새벽시",
                postal: 64_000,
                neighbourhoods: [("10100", "샛별동"), ("10200", "이슬동"), ("10300", "첫눈동")],
            },
            District {
                code: "98130",
                name: "온새시",
                postal: 64_700,
                neighbourhoods: [("10100", "온누리동"), ("10200", "새잎동"), ("10300", "꽃샘동")],
            },
            District {
                code: "98710",
                name: "마루군",
                postal: 65_400,
                neighbourhoods: [("25000", "큰마루읍"), ("31000", "산들면"), ("32000", "들꽃면")],
            },
            District {
                code: "98720",
                name: "해든군",
                postal: 66_100,
                neighbourhoods: [("25000", "해든읍"), ("31000", "볕뉘면"), ("32000", "윤슬면")],
            },
        ],
    },
    Province {
        code: "99",
        name: "가람특별시",
        districts: &[
            District {
                code: "99110",
                name: "누리구",
                postal: 66_800,
                neighbourhoods: [("10100", "한별동"), ("10200", "솔빛동"), ("10300", "꽃내동")],
            },
            District {
                code: "99140",
                name: "다솜구",
                postal: 67_500,
                neighbourhoods: [("10100", "다솜동"), ("10200", "여울동"), ("10300", "물빛동")],
            },
            District {
                code: "99170",
                name: "미르구",
                postal: 68_200,
                neighbourhoods: [("10100", "미르동"), ("10200", "바람동"), ("10300", "구름동")],
            },
            District {
                code: "99200",
                name: "아라구",
                postal: 68_900,
                neighbourhoods: [("10100", "아라동"), ("10200", "갯내동"), ("10300", "모래동")],
            },
        ],
    },
];

const ROADS: [&str; 10] = ["누리", "다솜", "미르", "아라", "여울", "솔빛", "한별", "꽃내", "바람", "가온"];
const ROAD_KINDS: [&str; 3] = ["대로", "로", "길"];

impl Place {
    /// Somewhere in the fictional provinces.
    pub(super) fn random(random: &mut Random) -> Self {
        let province = random.pick(&PROVINCES);
        let district = random.pick(province.districts);
        Self { province, district, neighbourhood: random.pick(&district.neighbourhoods) }
    }

    /// The codes of province, district and neighbourhood: 2, 5 and 10 digits.
    pub(super) fn codes(self) -> [String; 3] {
        let neighbourhood = format!("{}{}", self.district.code, self.neighbourhood.0);
        [self.province.code.to_owned(), self.district.code.to_owned(), neighbourhood]
    }

    /// One of the district's postal codes.
    pub(super) fn postal_code(self, random: &mut Random) -> String {
        format!("{:05}", self.district.postal + random.below(700))
    }

    /// A road-name address: road, building, often flat and neighbourhood.
    pub(super) fn address(self, random: &mut Random) -> String {
        let (road, kind) = (random.pick(&ROADS), random.pick(&ROAD_KINDS));
        let building = random.below(300) + 1;
        let address = format!("{} {} {road}{kind} {building}", self.province.name, self.district.name);
        if !random.in_thousand(600) {
            return address;
        }
        let (block, floor, door) = (101 + random.below(12), 1 + random.below(25), 1 + random.below(6));
        format!("{address}, {block}동 {floor}{door:02}호 ({})", self.neighbourhood.1)
    }
}

/// `regions.csv`: what an importer checks codes against.
pub(super) fn table() -> Table {
    let row = |code: &str, level: &str, parent: &str, name: &str| {
        [code, level, parent, name].map(str::to_owned).to_vec()
    };
    let mut rows = Vec::new();
    for province in &PROVINCES {
        rows.push(row(province.code, "sido", "", province.name));
        for district in province.districts {
            rows.push(row(district.code, "sigungu", province.code, district.name));
            rows.extend(district.neighbourhoods.iter().map(|(digits, name)| {
                row(&format!("{}{digits}", district.code), "eupmyeondong", district.code, name)
            }));
        }
    }
    Table::new("regions.csv", "region_code,level,parent_code,name", rows)
}
