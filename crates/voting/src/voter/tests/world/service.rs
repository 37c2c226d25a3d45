//! The service: answers as the real one does, or as it was told to lie.

use super::*;

impl World {
    /// Answers as the service does.
    pub(crate) fn answer(&mut self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let uri = request.uri().to_string();
        let at = format!("{SERVICE}/e/{}/", to_hex(&self.election.0));
        let path = uri.strip_prefix(&at).map_or_else(|| uri.clone(), str::to_owned);
        self.asked.push(format!("{} {path}", request.method()));
        if let Some((status, body)) = self.lies.get(&path) {
            let response = Response::builder().status(*status);
            let response = if self.patience { response.header("retry-after", "1") } else { response };
            return response.body(body.clone()).unwrap();
        }
        let (status, body) = match path.as_str() {
            "summary" => {
                (200, json!({"entries": self.marks, "phase": "?", "relay": self.relay}).to_string().into())
            }
            "rings" => (200, self.rings().to_string().into()),
            "register/begin" => self.begin(request.body()),
            "register" => self.register(request.body()),
            "ballots" => self.cast(request),
            path if Some(path) == self.relay.as_deref() => self.cast(request),
            path => match path.strip_prefix("rings/").and_then(|number| number.parse::<usize>().ok()) {
                Some(number) => (200, self.rosters[number].commitments().concat()),
                None => self.file(path),
            },
        };
        Response::builder().status(status).body(body).unwrap()
    }

    fn file(&self, path: &str) -> (u16, Vec<u8>) {
        match path.strip_prefix("log/").unwrap().parse::<Resource>().unwrap() {
            Resource::Checkpoint => (200, self.checkpoint().to_string().into_bytes()),
            Resource::Tile(id) => (200, self.log.tile(id).unwrap()),
            Resource::Entries(id) => {
                let entries = self.log.entries(id.row_range()).unwrap();
                (200, EntryBundle::new(entries).unwrap().to_bytes())
            }
        }
    }

    pub(crate) fn rings(&self) -> Value {
        let ring = |roster: &Roster<Ristretto>| {
            let first = sinpyo_ballot::hash::Transcript::new("shuffle").field(&self.beacon.0);
            let first = first.field(&roster.commitments()[0]).hash();
            json!({"district": roster.district(), "first": to_hex(&first), "ring": roster.index().0,
                   "root": to_hex(roster.root()), "voters": roster.voters()})
        };
        json!({"beacon": to_hex(&self.beacon.0), "rings": self.rosters.iter().map(ring).collect::<Vec<_>>()})
    }

    fn begin(&self, body: &[u8]) -> (u16, Vec<u8>) {
        let body = json::parse_object(body).unwrap();
        let Some((slot, nonce)) = self.codes.get(body["code"].as_str().unwrap()) else {
            return (403, json!({"code": "code"}).to_string().into());
        };
        let answer = json!({"ask": null, "district": 0, "expires": "2026-11-22T04:00:00Z", "nonce": to_hex(nonce),
                            "replaces": self.live.contains_key(slot), "slot": to_hex(slot), "tokens": 2});
        (200, answer.to_string().into())
    }

    fn register(&mut self, body: &[u8]) -> (u16, Vec<u8>) {
        let body = json::parse_object(body).unwrap();
        let (request, code) = (body["request"].as_str().unwrap(), body["code"].as_str().unwrap());
        if let Some(answer) = self.answers.get(request) {
            return (200, answer.to_string().into());
        }
        let Some((slot, nonce)) = self.codes.remove(code) else {
            return (403, json!({"code": "code"}).to_string().into());
        };
        let (claims, print) = holders(request);
        assert_eq!(claims["slot"], json!(to_hex(&slot)));
        let holder = sha256(request.as_bytes());
        let district = self.parsed().districts[0].id.clone();
        let (body, token) = if let Some(commitment) = claims["commitment"].as_str() {
            let binding = Binding::new(&self.election, &slot, &Secret::new(nonce), &print);
            let commitment = from_hex_array(commitment).unwrap();
            let proof = from_hex_array(claims["proof"].as_str().unwrap()).unwrap();
            self.live.insert(slot, commitment);
            let line = Registration {
                binding: binding.0,
                commitment,
                district,
                holder,
                proof,
                replaces: false,
                slot,
            };
            (Body::Register(line), Value::Null)
        } else {
            let blinded = from_base64url(claims["token"].as_str().unwrap()).unwrap();
            let signature = self.permits[0].blind_sign(&blinded).unwrap();
            self.live.insert(slot, sha256(&blinded));
            let blinded = sha256(&blinded);
            let line = RegisteredToken { blinded, district, holder, replaces: false, slot };
            (Body::RegisterToken(line), json!(to_base64url(signature.as_bytes())))
        };
        let index = self.say(Role::Registrar, body);
        let sign = |blinded: &Value| {
            let blinded = from_base64url(blinded.as_str().unwrap()).unwrap();
            to_base64url(self.rsa.blind_sign(&blinded).unwrap().as_bytes())
        };
        let signatures: Vec<String> = claims["blinded"].as_array().unwrap().iter().map(sign).collect();
        let answer =
            json!({"blind_signatures": signatures, "credential": null, "index": index, "token": token});
        self.answers.insert(request.to_owned(), answer.clone());
        (201, answer.to_string().into())
    }

    pub(crate) fn setting(&self) -> Setting<Ristretto> {
        let (manifest, context) = (self.parsed(), self.context.unwrap());
        let shape = manifest.shape(0).unwrap();
        Setting::new(&self.election, context, 0, [0, 1], shape, &self.joint).unwrap()
    }

    fn cast(&mut self, request: &Request<Vec<u8>>) -> (u16, Vec<u8>) {
        for header in request.headers().keys() {
            assert!(["content-type", "admission-token"].contains(&header.as_str()), "{header}");
        }
        let token = from_base64url(request.headers()["admission-token"].to_str().unwrap()).unwrap();
        let token = AdmissionToken::parse(&token).unwrap().verify(self.rsa.public(), &self.election.0);
        let Ok(admission) = token else { return (403, json!({"code": "token"}).to_string().into()) };
        let header = Header::parse(request.body()).unwrap();
        let setting = self.setting();
        let ballot = UnverifiedBallot::<Ristretto>::parse(request.body(), setting.shape()).unwrap();
        let ring = match header.place {
            sinpyo_ballot::ballot::Place::Ring(index) => {
                Some(Ring::new(self.rosters[usize::try_from(index.0).unwrap()].clone()).unwrap())
            }
            sinpyo_ballot::ballot::Place::District(_) => None,
        };
        let verified = verify(&setting, ring.as_ref(), &ballot).unwrap();
        let submission = Submission::ballot(&ballot, &verified).unwrap().into_bytes();
        let appended = self.log.append(vec![submission]).remove(0).unwrap();
        if !appended.repeated && !self.spent.insert(admission.spent()) {
            return (403, json!({"code": "token"}).to_string().into());
        }
        let answer =
            json!({"checkpoint": null, "index": appended.index, "tracking": ballot.tracking_code().as_str()});
        (if appended.repeated { 200 } else { 201 }, answer.to_string().into())
    }

    /// Sends all that a machine wants to send.
    pub(crate) fn lead<T, E>(
        &mut self,
        mut next: impl FnMut(Option<Response<Vec<u8>>>) -> Result<Step<T>, E>,
    ) -> Result<T, E> {
        let mut response = None;
        loop {
            match next(response.take())? {
                Step::Send(request) => response = Some(self.answer(&request)),
                Step::Done(done) => return Ok(done),
            }
        }
    }
}

/// The claims of a holder's request, signed by the key in its header, and that key's thumbprint.
fn holders(request: &str) -> (Map<String, Value>, [u8; 32]) {
    let parts: Vec<&str> = request.split('.').collect();
    let part = |at: usize| from_base64url(parts[at]).unwrap();
    let header = json::parse_object(&part(0)).unwrap();
    assert_eq!(header["typ"], "sinpyo-vote-registration+jwt");
    let jwk = PublicJwk::from_members(header["jwk"].as_object().unwrap().clone()).unwrap();
    let key = VerifyingKey::from_jwk(&jwk).unwrap();
    let input = format!("{}.{}", parts[0], parts[1]);
    let _signed = sinpyo_core::key::Verifier::verify(&key, input.as_bytes(), &part(2)).unwrap();
    (json::parse_object(&part(1)).unwrap(), thumbprint(&jwk).unwrap())
}
