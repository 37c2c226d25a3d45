//! What can be issued, and issuing it: a form made from the profile's claims.

use super::Desk;
use crate::{
    api,
    identity::suffix,
    offer::{self, Made, OfferError},
};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};
use sinpyo_core::key::Entropy;
use sinpyo_issuer::{ClaimSpec, ClaimType, Disclosure, Profile, StatementError};
use sinpyo_state::{CommitError, Unavailable};
use sinpyo_web::{
    component::{
        Choice, Column, Field, FieldKind, FormBox, Tone, Weight, actions, card, code, facts, input_errors,
        link_button, notice, plain_card, qr_card, table,
    },
    form::Fields,
    href::Href,
    html::Html,
    lang::{Lang, Say, say},
    qr::qr,
    route::Need,
};

const TITLE: Say = say("발급하기", "Issue");
/// Before the names of claims in a form, so that they meet no other field's.
const CLAIM: &str = "claim-";

impl Desk<'_> {
    /// What can be issued.
    pub(super) fn types(&self) -> Response<Vec<u8>> {
        let lang = self.lang();
        let columns = [
            Column::Head(say("자격증명", "Credential").of(lang)),
            Column::Plain(say("종류", "Type").of(lang)),
            Column::Plain(say("형식", "Format").of(lang)),
        ];
        let row = |(id, (profile, format)): (&String, &(Profile, sinpyo_issuer::Format))| -> Vec<Html> {
            let name = lang.of(profile.name());
            vec![self.link(&format!("new/{id}"), name), profile.id().into(), suffix(*format).into()]
        };
        let caption = say("발급할 자격증명을 고르세요", "Choose what to issue").of(lang);
        let main = plain_card(table(caption, &columns, self.house.kinds.iter().map(row)));
        self.page(StatusCode::OK, TITLE, main.into())
    }

    /// The form of a configuration, or what it leads to.
    pub(super) fn new_offer(
        &self,
        configuration: &str,
        form: Option<&Fields>,
        entropy: &mut dyn Entropy,
    ) -> Result<Response<Vec<u8>>, Unavailable> {
        let Some((profile, _)) = self.house.kinds.get(configuration) else { return Ok(self.types()) };
        let Some(form) = form else {
            return Ok(self.form(StatusCode::OK, (configuration, profile), &Fields::none(), None));
        };
        let order = order(configuration, profile, form);
        for _ in 0..8 {
            let made = api::parse(&order, &self.house).and_then(|order| {
                offer::make(self.call.core, &self.house, order, &self.actor(), self.call.now, entropy)
            });
            let made = match made {
                Ok(made) => made,
                Err(OfferError::Unavailable(error)) => return Err(error),
                Err(error) => {
                    let status = StatusCode::UNPROCESSABLE_ENTITY;
                    return Ok(self.form(status, (configuration, profile), form, Some(&error)));
                }
            };
            match self.call.core.state.commit_owned(&made.changes) {
                Ok(()) => return Ok(self.made(&made)),
                Err(CommitError::Conflict { .. }) => {}
                Err(_) => return Err(Unavailable),
            }
        }
        Err(Unavailable)
    }

    fn form(
        &self,
        status: StatusCode,
        (configuration, profile): (&str, &Profile),
        typed: &Fields,
        error: Option<&OfferError>,
    ) -> Response<Vec<u8>> {
        let lang = self.lang();
        let texts: Vec<ClaimTexts> =
            profile.claims().iter().map(|claim| ClaimTexts::new(claim, lang, error)).collect();
        let options: Vec<Vec<Choice<'_>>> =
            profile.claims().iter().map(|claim| choices(claim, lang)).collect();
        let fields: Vec<Field<'_>> = profile
            .claims()
            .iter()
            .zip(texts.iter().zip(&options))
            // What is computed is not asked for.
            .filter(|(claim, _)| !claim.name.starts_with("age_over_"))
            .map(|(claim, (texts, options))| texts.field(claim, options, typed))
            .collect();
        let all: Html = fields.iter().map(|field| field.html(lang)).collect();
        let all = all.and(ways(typed, lang));
        let refs: Vec<&Field<'_>> = fields.iter().collect();
        let said = error.map(|_| {
            notice(Tone::Bad, say("입력한 내용으로는 발급할 수 없습니다.", "This cannot be issued.").of(lang))
        });
        let cancel =
            self.href("").map(|href| link_button(Weight::Secondary, &href, say("취소", "Cancel").of(lang)));
        let form = self.href(&format!("new/{configuration}")).map(|action| {
            Html::from(FormBox {
                action: &action,
                token: &self.token,
                fields: all,
                submit: say("발급 안내 만들기", "Make the offer").of(lang),
                weight: Weight::Primary,
                beside: Html::new().and(cancel),
            })
        });
        let errors = input_errors(lang, &refs);
        let said = if errors.is_some() { None } else { said };
        let name = lang.of(profile.name());
        let main = Html::new().and(said).and(errors).and(card(name, form.unwrap_or_default()));
        self.page(status, TITLE, main)
    }

    /// The offer, with the codes that are shown here and never again.
    fn made(&self, made: &Made) -> Response<Vec<u8>> {
        let lang = self.lang();
        let page = self.house.address(&format!("offer/{}", made.offer.page));
        let label = say("발급 안내 쪽의 QR 코드", "QR code of the offer's page").of(lang);
        let image = qr(&page, label).unwrap_or_default();
        let mut told: Vec<(Html, Html)> = Vec::new();
        if let Some(code) = &made.tx_code {
            told.push((say("지갑에 넣을 번호", "Code for the wallet").of(lang).into(), code.expose().into()));
        }
        if let Some(code) = &made.access_code {
            told.push((say("접속 번호", "Access code").of(lang).into(), code.expose().into()));
        }
        told.push((say("접수 번호", "Reference").of(lang).into(), made.id.as_str().into()));
        let warning = say(
            "번호는 지금만 보입니다. 안내 주소와는 다른 방법으로, 본인에게만 알려 주세요.",
            "The codes are shown only now. Tell them to the person alone, and not together with the address.",
        );
        let open = Href::local(&format!("/{}/offer/{}", self.tenant(), made.offer.page)).ok();
        let open = open
            .map(|href| link_button(Weight::Secondary, &href, say("안내 쪽 열기", "Open the page").of(lang)));
        let main =
            Html::from(notice(Tone::Good, say("발급 안내를 만들었습니다.", "The offer is ready.").of(lang)))
                .and(card(
                    say("본인에게 알릴 번호", "Codes for the person").of(lang),
                    Html::from(notice(Tone::Wait, warning.of(lang))).and(facts(told)),
                ))
                .and(card(
                    say("안내 쪽 주소", "Address of the offer's page").of(lang),
                    Html::from(qr_card(
                        image,
                        say("본인이 찍으면 안내 쪽이 열립니다.", "Opens the page on the person's phone.")
                            .of(lang),
                        None,
                    ))
                    .and(code(lang, "page-address", &page))
                    .and(actions(Html::new().and(open))),
                ));
        self.page(StatusCode::CREATED, TITLE, main)
    }
}

/// Until when and how it is issued.
fn ways(typed: &Fields, lang: Lang) -> Html {
    let until = Field {
        kind: FieldKind::Date,
        value: typed.text("until").unwrap_or_default(),
        hint: say("정해진 기한보다 일찍 끝날 때만 넣으세요.", "Only if it ends earlier than usual.").of(lang),
        need: Need::Optional,
        ..Field::text("until", say("유효 기한", "Valid until").of(lang))
    };
    let deferred = Field {
        kind: FieldKind::Check,
        value: typed.text("deferred").unwrap_or_default(),
        need: Need::Optional,
        ..Field::text("deferred", say("확인을 마친 뒤에 발급", "Issue only after I release it").of(lang))
    };
    let in_browser = Field {
        kind: FieldKind::Check,
        value: typed.text("browser").unwrap_or_default(),
        need: Need::Optional,
        ..Field::text(
            "browser",
            say(
                "지갑이 열 화면에서 접속 번호로 본인 확인",
                "The person confirms with an access code in the browser",
            )
            .of(lang),
        )
    };
    [until, deferred, in_browser].iter().map(|field| field.html(lang)).collect()
}

/// The texts of a claim's field.
struct ClaimTexts {
    name: String,
    label: String,
    hint: String,
    error: String,
}

impl ClaimTexts {
    fn new(claim: &ClaimSpec, lang: Lang, error: Option<&OfferError>) -> Self {
        let wrong = match error {
            Some(OfferError::Claims(StatementError::Missing { claim: of })) if *of == claim.name => {
                say("꼭 넣어야 합니다.", "This is needed.").of(lang).to_owned()
            }
            Some(OfferError::Claims(
                StatementError::Value { claim: of, .. } | StatementError::Contradiction { claim: of },
            )) if *of == claim.name => say(
                "형식에 맞지 않습니다. 주민등록번호는 넣을 수 없습니다.",
                "This is not of the right form. Resident registration numbers are not taken.",
            )
            .of(lang)
            .to_owned(),
            _ => String::new(),
        };
        Self {
            name: format!("{CLAIM}{}", claim.name),
            label: lang.of(&claim.display).to_owned(),
            hint: hint(&claim.kind, lang),
            error: wrong,
        }
    }

    fn field<'a>(&'a self, claim: &ClaimSpec, options: &'a [Choice<'a>], typed: &'a Fields) -> Field<'a> {
        let kind = match &claim.kind {
            ClaimType::Date => FieldKind::Date,
            ClaimType::Bool | ClaimType::Choice(_) => FieldKind::One(options),
            ClaimType::Text { max, .. } if *max > 400 => FieldKind::Lines,
            _ => FieldKind::Text,
        };
        let need = if claim.disclosure == Disclosure::Always { Need::Required } else { Need::Optional };
        let value = typed.text(&self.name).unwrap_or_default();
        Field {
            kind,
            need,
            value,
            hint: &self.hint,
            error: &self.error,
            ..Field::text(&self.name, &self.label)
        }
    }
}

fn choices(claim: &ClaimSpec, lang: Lang) -> Vec<Choice<'_>> {
    let blank = Choice { value: "", label: say("고르지 않음", "Not stated").of(lang) };
    match &claim.kind {
        ClaimType::Bool => vec![
            blank,
            Choice { value: "true", label: say("예", "Yes").of(lang) },
            Choice { value: "false", label: say("아니요", "No").of(lang) },
        ],
        ClaimType::Choice(words) => {
            let words = words.iter().map(|word| Choice { value: word, label: word });
            std::iter::once(blank).chain(words).collect()
        }
        _ => Vec::new(),
    }
}

fn hint(kind: &ClaimType, lang: Lang) -> String {
    match kind {
        ClaimType::Digits(digits) => match lang {
            Lang::Ko => format!("숫자 {digits}자리"),
            Lang::En => format!("{digits} digits"),
        },
        ClaimType::DateTime => "2026-11-22T09:00:00+09:00".to_owned(),
        ClaimType::Period => "2026-01-01/2026-12-31".to_owned(),
        ClaimType::Range | ClaimType::Scope | ClaimType::Shares | ClaimType::Fields | ClaimType::List(_) => {
            "JSON".to_owned()
        }
        _ => String::new(),
    }
}

/// The order that a form stands for, as the management interface would be sent it.
fn order(configuration: &str, profile: &Profile, form: &Fields) -> Map<String, Value> {
    let claims: Map<String, Value> = profile
        .claims()
        .iter()
        .filter_map(|claim| {
            let text = form.text(&format!("{CLAIM}{}", claim.name))?.trim();
            (!text.is_empty()).then(|| (claim.name.clone(), value(&claim.kind, text)))
        })
        .collect();
    let mut order = Map::new();
    let mut put = |name: &str, value: Value| drop(order.insert(name.to_owned(), value));
    put("configurations", json!([configuration]));
    put("claims", Value::Object(claims));
    put("deferred", json!(form.text("deferred") == Some("on")));
    if form.text("browser") == Some("on") {
        put("grants", json!(["authorization_code"]));
    }
    if let Some(until) = form.text("until").filter(|until| !until.is_empty()) {
        // To the end of that day in Korea.
        put("valid_until", json!(format!("{until}T14:59:59Z")));
    }
    order
}

/// A claim as it was typed. What cannot be read stays text, which its type then refuses.
fn value(kind: &ClaimType, text: &str) -> Value {
    match kind {
        ClaimType::Bool => json!(text == "true"),
        ClaimType::Integer { .. }
        | ClaimType::Year
        | ClaimType::Range
        | ClaimType::Scope
        | ClaimType::Shares
        | ClaimType::Fields
        | ClaimType::List(_) => sinpyo_core::json::parse(text.as_bytes()).unwrap_or_else(|_| json!(text)),
        _ => json!(text),
    }
}
