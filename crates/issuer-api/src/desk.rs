//! What stands behind a tenant's credential endpoint.

use crate::{
    core::{Actor, Core, Did},
    house::House,
    issued::{self, Credential, MAX_COPIES, Standing},
    lists, offer,
};
use sinpyo_core::{credential::Holder, key::Entropy, time::Timestamp};
use sinpyo_issuer::{Order as RoleOrder, Recipient};
use sinpyo_openid4vci::{
    issuer::{Desk, DeskRefusal, Issuance, Order},
    notification::Notification,
};
use sinpyo_state::{OwnedChange, Unavailable};
use sinpyo_web::audit::LogWord;

/// After how many seconds a wallet asks again for what is not ready.
const INTERVAL: u32 = 5;

/// The desk of one tenant.
#[derive(Debug)]
pub(crate) struct Counter<'a> {
    pub(crate) core: &'a Core,
    pub(crate) house: &'a House,
}

impl Desk for Counter<'_> {
    fn issue(
        &self,
        order: &Order<'_>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Issuance, DeskRefusal> {
        let tenant = self.house.tenant.id();
        // The subject names its tenant: a token of another one finds nothing here. [ISV-14]
        let id = order.subject.strip_prefix(tenant).and_then(|rest| rest.strip_prefix('/'));
        let id = id.ok_or(DeskRefusal::Denied)?;
        let (found, _) = offer::find(self.core, tenant, id, now)?.ok_or(DeskRefusal::Denied)?;
        if found.withdrawn {
            return Err(DeskRefusal::Denied); // [ISV-12]
        }
        if found.waits {
            let ticket = id.to_owned();
            return Ok(Issuance::Deferred { interval: INTERVAL, ticket, changes: Vec::new() });
        }
        self.hand_out(order, (id, &found), now, entropy)
    }

    fn collect(
        &self,
        _ticket: &str,
        order: &Order<'_>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Issuance, DeskRefusal> {
        self.issue(order, now, entropy)
    }

    fn notified(
        &self,
        reference: &str,
        notification: &Notification,
        now: Timestamp,
    ) -> Result<Vec<OwnedChange>, Unavailable> {
        let tenant = self.house.tenant.id();
        let Some((mut credential, version)) = issued::find(self.core, tenant, reference, now)? else {
            return Ok(Vec::new());
        };
        credential.told = Some(notification.event.name().to_owned());
        Ok(vec![issued::put(tenant, reference, &credential, Some(version))?])
    }
}

impl Counter<'_> {
    fn hand_out(
        &self,
        order: &Order<'_>,
        (id, offer): (&str, &offer::Offer),
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Issuance, DeskRefusal> {
        let tenant = self.house.tenant.id();
        let kind = self.house.kinds.get(order.configuration_id).ok_or(DeskRefusal::Denied)?;
        let (profile, format) = kind;
        let issuer = self.house.identity.issuer(*format).ok_or(DeskRefusal::Denied)?;
        let credential = offer.credential(order.configuration_id).ok_or(DeskRefusal::Denied)?;
        let keys: Vec<_> = order.keys.iter().take(offer.copies).collect();
        let earlier = issued::find(self.core, tenant, credential, now)?;
        let before = earlier.as_ref().map_or(0, |(one, _)| one.copies);
        if keys.is_empty() || before + keys.len() > MAX_COPIES {
            return Err(DeskRefusal::Denied);
        }
        let lists = (*format, profile.status());
        let given = lists::give(self.core, self.house, lists, (credential, keys.len()), now, entropy)?;
        let recipients: Vec<Recipient> = keys
            .iter()
            .zip(given.entries)
            .map(|(key, status)| Recipient { holder: Holder::Key(key.jwk()), status })
            .collect();
        let claims = offer::claims_for(profile, &offer.claims);
        let until = offer.until.and_then(Timestamp::from_unix);
        let wanted = RoleOrder { profile, claims: &claims, until };
        let made = issuer.issue_batch(&wanted, &recipients, now, entropy).map_err(|_| DeskRefusal::Denied)?;
        let (mut record, version) = if let Some((record, version)) = earlier {
            (record, Some(version))
        } else {
            let record = Credential {
                configuration: order.configuration_id.to_owned(),
                profile: profile.id().to_owned(),
                offer: id.to_owned(),
                state: Standing::Valid,
                reason: None,
                first: now.unix(),
                last: now.unix(),
                copies: 0,
                places: Vec::new(),
                told: None,
            };
            (record, None)
        };
        // Its standing, and with it the status of earlier copies, stays as it is. [VCI-CRS-05]
        record.last = now.unix();
        record.copies += made.len();
        record.places.extend(given.places);
        let mut changes = given.changes;
        changes.push(issued::put(tenant, credential, &record, version)?);
        let wallet = order.client.and_then(|client| LogWord::parse(client).ok());
        let actor = match wallet.map_or_else(|| LogWord::parse("wallet"), Ok) {
            Ok(who) => Actor(who),
            Err(_) => return Err(DeskRefusal::Unavailable),
        };
        changes.extend(self.core.tell(tenant, &actor, (Did::Issued, credential), now, entropy)?);
        let credentials = made.iter().map(sinpyo_issuer::Issued::to_json).collect();
        Ok(Issuance::Ready { credentials, reference: Some(credential.to_owned()), changes })
    }
}
