//! Before the wallet is open.

use super::{Menu, View, paragraph, path};
use sinpyo_web::{
    component::{
        Field, FieldKind, FormBox, Tone, Weight, heading, input_errors, link_button, notice, plain_card,
    },
    html::Html,
    lang::{Lang, Say, say},
};

const OPEN: Say = say("지갑 열기", "Open your wallet");
const OPEN_LEAD: Say =
    say("지갑을 만들 때 정한 비밀번호를 입력하세요.", "Enter the password of this wallet.");
const CREATE: Say = say("새 지갑 만들기", "Make a wallet");
const CREATE_LEAD: Say = say(
    "자격증명을 담을 지갑을 이 컴퓨터에 만듭니다. 비밀번호를 잊으면 아무도 지갑을 열 수 없습니다.",
    "This makes a wallet on this computer. If you forget the password, nobody can open it.",
);
const PASSWORD: Say = say("비밀번호", "Password");
const PASSWORD_HINT: Say = say("여덟 글자 이상", "At least eight characters");
const AGAIN: Say = say("비밀번호 다시 입력", "Password again");
const RESTORE: Say = say("백업에서 복구", "Restore a backup");
const STRANGER: Say = say("지갑을 열 수 없습니다", "This browser cannot open the wallet");
const STRANGER_LEAD: Say = say(
    "지갑 프로그램이 터미널에 보여 준 시작 주소로 여세요. 시작 주소는 한 번만 쓸 수 있으니, 이미 썼다면 프로그램을 다시 \
     실행하세요.",
    "Use the start address that the wallet printed in the terminal. It works once: if it was used, run the program again.",
);
const MISSING: Say = say("없는 페이지입니다", "There is no such page");
const HOME: Say = say("처음으로", "Start");

/// What was wrong with what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Empty,
    Short,
    Unequal,
    Wrong,
    Damaged,
    RolledBack,
    Storage,
}

impl Fault {
    pub(crate) const fn say(self) -> Say {
        match self {
            Self::Empty => say("비밀번호를 입력하세요.", "Enter the password."),
            Self::Short => say(
                "비밀번호가 너무 짧습니다. 여덟 글자 이상으로 정하세요.",
                "The password is too short: at least eight characters.",
            ),
            Self::Unequal => {
                say("두 비밀번호가 다릅니다. 다시 입력하세요.", "The two passwords differ. Type them again.")
            }
            Self::Wrong => say(
                "비밀번호가 틀렸거나 파일이 손상되었습니다.",
                "The password is wrong, or the file is damaged.",
            ),
            Self::Damaged => {
                say("지갑 파일이 아니거나 손상된 파일입니다.", "This is no wallet file, or a damaged one.")
            }
            Self::RolledBack => say(
                "지갑 파일이 마지막으로 쓰던 것보다 오래되었습니다. 백업이라면 '백업에서 복구'를 이용하세요.",
                "The wallet file is older than the one last used. If it is a backup, use \"Restore a backup\".",
            ),
            Self::Storage => {
                say("지갑 파일을 읽거나 쓸 수 없습니다.", "The wallet file cannot be read or written.")
            }
        }
    }

    /// The field that it belongs to.
    pub(crate) const fn is_of_second(self) -> bool {
        matches!(self, Self::Unequal)
    }
}

pub(crate) fn unlock(lang: Lang, token: &str, fault: Option<Fault>) -> View {
    let error = fault.map_or("", |fault| fault.say().of(lang));
    let field = Field {
        kind: FieldKind::Password,
        autocomplete: "current-password",
        error,
        ..Field::text("password", PASSWORD.of(lang))
    };
    let action = path("/unlock");
    let form = FormBox {
        action: &action,
        token,
        fields: field.html(lang),
        submit: OPEN.of(lang),
        weight: Weight::Primary,
        beside: link_button(Weight::Secondary, &path("/restore"), RESTORE.of(lang)).into(),
    };
    let main = Html::from(heading(OPEN.of(lang), OPEN_LEAD.of(lang)))
        .and(input_errors(lang, &[&field]))
        .and(plain_card(form));
    View::new(OPEN.of(lang), Menu::Credentials, main)
}

pub(crate) fn create(lang: Lang, token: &str, fault: Option<Fault>) -> View {
    let action = path("/create");
    let (errors, fields) = new_password(lang, fault);
    let form = FormBox {
        action: &action,
        token,
        fields,
        submit: CREATE.of(lang),
        weight: Weight::Primary,
        beside: link_button(Weight::Secondary, &path("/restore"), RESTORE.of(lang)).into(),
    };
    let main = Html::from(heading(CREATE.of(lang), CREATE_LEAD.of(lang))).and(errors).and(plain_card(form));
    View::new(CREATE.of(lang), Menu::Credentials, main)
}

/// The two fields of a new password, and what was wrong in them.
pub(crate) fn new_password(lang: Lang, fault: Option<Fault>) -> (Html, Html) {
    let error = |second: bool| {
        fault.filter(|fault| fault.is_of_second() == second).map_or("", |fault| fault.say().of(lang))
    };
    let password = Field {
        kind: FieldKind::Password,
        autocomplete: "new-password",
        hint: PASSWORD_HINT.of(lang),
        error: error(false),
        ..Field::text("password", PASSWORD.of(lang))
    };
    let again = Field {
        kind: FieldKind::Password,
        autocomplete: "new-password",
        error: error(true),
        ..Field::text("again", AGAIN.of(lang))
    };
    let fields = [&password, &again];
    (input_errors(lang, &fields).into(), fields.iter().map(|field| field.html(lang)).collect())
}

/// For a browser without the session.
pub(crate) fn stranger(lang: Lang) -> View {
    let main = Html::from(heading(STRANGER.of(lang), "")).and(notice(Tone::Wait, STRANGER_LEAD.of(lang)));
    View::new(STRANGER.of(lang), Menu::Credentials, main)
}

pub(crate) fn missing(lang: Lang) -> View {
    let home = link_button(Weight::Secondary, &path("/"), HOME.of(lang));
    View::new(
        MISSING.of(lang),
        Menu::Credentials,
        Html::from(heading(MISSING.of(lang), "")).and(paragraph(home)),
    )
}
