//! Backups and restoring one.

use super::{
    Menu, View,
    lock::{Fault, new_password},
    paragraph, path, press,
};
use sinpyo_web::{
    component::{
        Field, FieldKind, FormBox, Tone, Weight, card, heading, input_errors, link_button, notice, plain_card,
    },
    html::Html,
    lang::{Lang, Say, say},
    route::Need,
};

const TITLE: Say = say("백업과 잠금", "Backup and lock");
const LEAD: Say = say(
    "지갑 전체를 암호화한 파일로 내려받습니다. 컴퓨터를 잃어버려도 이 파일과 비밀번호로 되찾을 수 있습니다.",
    "This saves your whole wallet as an encrypted file. With it and its password you get everything back if you lose this computer.",
);
const DOWNLOAD: Say = say("백업 내려받기", "Download a backup");
const RESTORE: Say = say("백업에서 복구", "Restore a backup");
const RESTORE_LEAD: Say = say(
    "백업 파일을 고르고, 백업할 때 정한 비밀번호를 입력하세요.",
    "Choose the backup file and enter the password that you gave it.",
);
const REPLACES: Say = say(
    "지금 지갑에 있는 것은 백업에 있던 것으로 바뀝니다. 백업 뒤에 받은 자격증명과 제시 기록은 사라집니다.",
    "What is in the wallet now is replaced by what was in the backup. What you received or showed since is lost.",
);
const FILE: Say = say("백업 파일", "Backup file");
const CONTENT: Say = say("파일 내용 (base64url)", "Content of the file (base64url)");
const CONTENT_HINT: Say = say("파일을 고르면 저절로 채워집니다.", "Filled in when you choose a file.");
const PASSWORD: Say = say("백업의 비밀번호", "The backup's password");
const LOCK: Say = say("지금 잠그기", "Lock now");
const LOCK_LEAD: Say = say(
    "자리를 비울 때 잠그세요. 한동안 쓰지 않으면 저절로 잠깁니다.",
    "Lock it when you leave. It locks itself when it is not used for a while.",
);

pub(crate) fn page(lang: Lang, token: &str, fault: Option<Fault>) -> View {
    let action = path("/backup");
    let (errors, fields) = new_password(lang, fault);
    let form = FormBox {
        action: &action,
        token,
        fields,
        submit: DOWNLOAD.of(lang),
        weight: Weight::Primary,
        beside: Html::new(),
    };
    let restore = link_button(Weight::Secondary, &path("/restore"), RESTORE.of(lang));
    let lock = paragraph(LOCK_LEAD.of(lang)).and(press("/lock", token, LOCK.of(lang), Weight::Secondary));
    let main = Html::from(heading(TITLE.of(lang), LEAD.of(lang)))
        .and(errors)
        .and(card(DOWNLOAD.of(lang), form))
        .and(card(RESTORE.of(lang), paragraph(REPLACES.of(lang)).and(paragraph(restore))))
        .and(card(LOCK.of(lang), lock));
    View::new(TITLE.of(lang), Menu::Backup, main)
}

pub(crate) fn restore(lang: Lang, token: &str, fault: Option<Fault>) -> View {
    let picker =
        Field { kind: FieldKind::File, need: Need::Optional, ..Field::text("file-picker", FILE.of(lang)) };
    let content = Field {
        kind: FieldKind::Lines,
        hint: CONTENT_HINT.of(lang),
        error: fault.filter(|fault| *fault == Fault::Damaged).map_or("", |fault| fault.say().of(lang)),
        ..Field::text("file", CONTENT.of(lang))
    };
    let password = Field {
        kind: FieldKind::Password,
        error: fault.filter(|fault| *fault != Fault::Damaged).map_or("", |fault| fault.say().of(lang)),
        ..Field::text("password", PASSWORD.of(lang))
    };
    let fields = [&picker, &content, &password];
    let action = path("/restore");
    let form = FormBox {
        action: &action,
        token,
        fields: fields.iter().map(|field| field.html(lang)).collect(),
        submit: RESTORE.of(lang),
        weight: Weight::Danger,
        beside: Html::new(),
    };
    let main = Html::from(heading(RESTORE.of(lang), RESTORE_LEAD.of(lang)))
        .and(input_errors(lang, &fields))
        .and(notice(Tone::Wait, REPLACES.of(lang)))
        .and(plain_card(form));
    View { scripts: &["file.js"], ..View::new(RESTORE.of(lang), Menu::Backup, main) }
}
