//! The offers of a tenant.

use super::{Desk, done, to};
use crate::offer::{self, Offer, OfferError, Stage};
use http::{Response, StatusCode};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::Unavailable;
use sinpyo_web::{
    component::{Column, Tone, Weight, actions, badge, plain_card, table, time},
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
};

const TITLE: Say = say("발급 안내", "Offers");
const SHOWN: usize = 100;

impl Desk<'_> {
    pub(super) fn offers(&self) -> Result<Response<Vec<u8>>, Unavailable> {
        let lang = self.lang();
        let columns = [
            Column::Head(say("접수 번호", "Reference").of(lang)),
            Column::Plain(say("자격증명", "Credential").of(lang)),
            Column::Plain(say("상태", "State").of(lang)),
            Column::Plain(say("사용 기한", "Until").of(lang)),
            Column::Plain(say("관리", "Manage").of(lang)),
        ];
        let offers = offer::list(self.call.core, self.tenant(), (None, SHOWN), self.call.now)?;
        let rows =
            offers.iter().map(|(id, offer)| self.offer_row(id, offer)).collect::<Result<Vec<_>, _>>()?;
        let caption = say("최근 발급 안내", "Latest offers").of(lang);
        let main = Html::new().and(done(self.call)).and(plain_card(table(caption, &columns, rows)));
        Ok(self.page(StatusCode::OK, TITLE, main))
    }

    fn offer_row(&self, id: &str, offer: &Offer) -> Result<Vec<Html>, Unavailable> {
        let lang = self.lang();
        let stage = offer.stage(self.call.core, self.tenant(), self.call.now)?;
        let names: Vec<&str> = offer
            .configurations
            .iter()
            .filter_map(|(id, _)| self.house.kinds.get(id))
            .map(|(profile, _)| lang.of(profile.name()))
            .collect();
        let end = Timestamp::from_unix(offer.expires).map(|end| time(end, lang));
        let release = (stage == Stage::Waiting).then(|| {
            let label = (say("발급 시작", "Release"), Weight::Secondary);
            self.button(&format!("offers/{id}/ready"), label, Html::new())
        });
        let withdraw = matches!(stage, Stage::Open | Stage::Waiting).then(|| {
            let label = (say("취소", "Withdraw"), Weight::Danger);
            self.button(&format!("offers/{id}/withdraw"), label, Html::new())
        });
        Ok(vec![
            el(Tag::CODE).with(id).into(),
            names.join(", ").into(),
            state(stage, lang),
            Html::new().and(end),
            actions(Html::new().and(release).and(withdraw)).into(),
        ])
    }

    pub(super) fn decide_offer(
        &self,
        id: &str,
        what: &str,
        entropy: &mut dyn Entropy,
    ) -> Result<Response<Vec<u8>>, Unavailable> {
        let (actor, now) = (self.actor(), self.call.now);
        let decided = match what {
            "ready" => offer::release(self.call.core, &self.house, (id, &actor), now, entropy).map(drop),
            _ => offer::withdraw(self.call.core, &self.house, (id, &actor), now, entropy),
        };
        match decided {
            Ok(()) => Ok(to(self.call, &self.path(&format!("offers?done={what}")))),
            Err(OfferError::Unavailable(error)) => Err(error),
            Err(_) => Ok(to(self.call, &self.path("offers"))),
        }
    }
}

fn state(stage: Stage, lang: Lang) -> Html {
    let (tone, word) = match stage {
        Stage::Open => (Tone::Wait, say("받기 전", "Open")),
        Stage::Waiting => (Tone::Wait, say("확인 중", "Waiting")),
        Stage::Issued => (Tone::Good, say("발급됨", "Issued")),
        Stage::Withdrawn => (Tone::Bad, say("취소됨", "Withdrawn")),
        Stage::Expired => (Tone::Plain, say("기한 지남", "Expired")),
    };
    badge(tone, word.of(lang)).into()
}
