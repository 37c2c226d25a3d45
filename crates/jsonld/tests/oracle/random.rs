//! Random credentials and presentations, with contexts of their own that use all that a term can say.
//!
//! Left out is what the oracle (`oxjsonld` 0.2.7) reads otherwise than the specification and `jsonld.js` do:
//! `@propagate: true` or a language in a type's context, contexts of properties that are maps, terms of a
//! type's context directly within a map, `@json` in lists, `@none` beside a default language, nodes with
//! other members beside `@graph` in a map of graphs, and default directions.

use serde_json::{Map, Value, json};

/// A seeded generator (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).unwrap() % sides
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

/// The document of `seed`.
pub(crate) fn document(seed: u64) -> Value {
    let mut maker =
        Maker { dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1), terms: Vec::new(), count: 0 };
    for _ in 0..8 {
        maker.dice.roll(2);
    }
    if maker.dice.one_in(3) { maker.presentation() } else { maker.credential() }
}

/// A term, and what its values look like.
#[derive(Clone)]
struct Term {
    name: String,
    definition: Value,
    container: &'static [&'static str],
    coercion: &'static str,
    reverse: bool,
}

struct Maker {
    dice: Dice,
    terms: Vec<Term>,
    count: usize,
}

const CONTAINERS: [&[&str]; 22] = [
    &[],
    &[],
    &[],
    &["@set"],
    &["@list"],
    &["@list"],
    &["@language"],
    &["@language", "@set"],
    &["@index"],
    &["@index", "@set"],
    &["@id"],
    &["@id", "@set"],
    &["@type"],
    &["@type"],
    &["@graph"],
    &["@graph", "@set"],
    &["@graph", "@id"],
    &["@graph", "@index"],
    &["@graph", "@id", "@set"],
    &["@graph", "@index", "@set"],
    &[],
    &["@index"],
];

impl Maker {
    fn presentation(&mut self) -> Value {
        let context = self.context();
        let mut presentation = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", context],
            "type": ["VerifiablePresentation", "T0"],
            "verifiableCredential": (0..=self.dice.roll(3)).map(|_| {
                let terms = std::mem::take(&mut self.terms);
                let credential = self.credential();
                self.terms = terms;
                credential
            }).collect::<Vec<_>>(),
            "holder": "did:example:holder",
        });
        if self.dice.one_in(2) {
            presentation["id"] = json!(self.iri());
        }
        self.add_members(presentation.as_object_mut().unwrap(), 2);
        presentation
    }

    fn credential(&mut self) -> Value {
        self.terms.clear();
        let context = self.context();
        let mut contexts = vec![json!("https://www.w3.org/ns/credentials/v2")];
        if self.dice.one_in(3) {
            contexts.push(json!("https://www.w3.org/ns/credentials/examples/v2"));
        }
        contexts.push(context);
        let subjects: Vec<_> = (0..=self.dice.roll(2)).map(|_| self.node(2)).collect();
        json!({
            "@context": contexts,
            "id": self.iri(),
            "type": ["VerifiableCredential", "T1"],
            "name": {"@value": "Name", "@language": "en-GB", "@direction": "ltr"},
            "description": [{"@value": "설명", "@language": "ko"}, "plain"],
            "issuer": {"id": "did:example:issuer", "name": "Issuer"},
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialStatus": {
                "type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "94567",
                "statusListCredential": "https://status.example/3"
            },
            "credentialSubject": subjects,
        })
    }

    /// A context with about a dozen terms, and what they are remembered for.
    fn context(&mut self) -> Value {
        let mut context = Map::new();
        context.insert("ex".into(), json!("https://ex.example/#"));
        context.insert("xsd".into(), json!("http://www.w3.org/2001/XMLSchema#"));
        if self.dice.one_in(2) {
            context.insert("@vocab".into(), json!("https://vocab.example/"));
        }
        if self.dice.one_in(3) {
            context.insert("@base".into(), json!("https://base.example/a/b"));
        }
        if self.dice.one_in(3) {
            context.insert("@language".into(), json!(self.dice.pick(&["en", "ko-KR"])));
        }
        if self.dice.one_in(4) {
            context.insert("@version".into(), json!(1.1));
        }
        if self.dice.one_in(3) {
            context.insert("@protected".into(), json!(true));
        }
        for (alias, keyword) in [
            ("value", "@value"),
            ("lang", "@language"),
            ("list", "@list"),
            ("set", "@set"),
            ("graph", "@graph"),
            ("index", "@index"),
            ("included", "@included"),
            ("nest", "@nest"),
            ("none", "@none"),
            ("kind", "@type"),
        ] {
            context.insert(alias.into(), json!(keyword));
        }
        context.insert("p0".into(), json!({"@id": "ex:p0", "@type": "xsd:integer"}));
        context.insert("p1".into(), json!({"@id": "ex:p1", "@nest": "nest"}));
        for number in 0..3 {
            let term = json!({"@id": format!("ex:s{number}"), "@protected": false});
            context.insert(format!("s{number}"), term);
        }
        for number in 0..4 {
            let scoped = self.scoped();
            context.insert(format!("T{number}"), json!({"@id": format!("ex:T{number}"), "@context": scoped}));
        }
        for number in 0..12 {
            let term = self.term(number);
            context.insert(term.name.clone(), term.definition.clone());
            self.terms.push(term);
        }
        Value::Object(context)
    }

    /// A context under a term or a type: it changes what `s0` to `s2` mean.
    fn scoped(&mut self) -> Value {
        let mut context = Map::new();
        for number in 0..3 {
            let iri = format!("https://scoped.example/{}/{number}", self.dice.roll(5));
            let coercion = self.dice.pick(&["xsd:date", "@none", "xsd:integer", "xsd:double"]);
            let definition =
                if self.dice.one_in(2) { json!(iri) } else { json!({"@id": iri, "@type": coercion}) };
            context.insert(format!("s{number}"), definition);
        }
        if self.dice.one_in(4) {
            context.insert("@propagate".into(), json!(false));
        }
        Value::Object(context)
    }

    fn term(&mut self, number: usize) -> Term {
        let name = format!("t{number}");
        let container = CONTAINERS[self.dice.roll(CONTAINERS.len())];
        let keyed = |word| container.contains(&word);
        let mut coercion =
            *["", "", "", "@id", "@vocab", "xsd:date", "xsd:double", "@json"].get(self.dice.roll(8)).unwrap();
        let has_maps = keyed("@index") || keyed("@graph") || keyed("@id");
        if keyed("@language") || (has_maps && coercion != "@id" && coercion != "@vocab") {
            coercion = "";
        }
        if keyed("@list") && coercion == "@json" {
            coercion = "";
        }
        if keyed("@type") {
            coercion = self.dice.pick(&["@id", "@vocab"]);
        }
        let mut definition = Map::new();
        let reverse =
            self.dice.one_in(8) && (container.is_empty() || container == ["@set"] || container == ["@index"]);
        definition.insert(if reverse { "@reverse" } else { "@id" }.into(), json!(format!("ex:{name}")));
        if reverse {
            coercion = "@id";
        }
        match container {
            [] => {}
            [single] if self.dice.one_in(2) || reverse => {
                drop(definition.insert("@container".into(), json!(single)));
            }
            several => drop(definition.insert("@container".into(), json!(several))),
        }
        if !coercion.is_empty() {
            definition.insert("@type".into(), json!(coercion));
        } else if self.dice.one_in(4) && !reverse {
            definition
                .insert("@language".into(), if self.dice.one_in(2) { Value::Null } else { json!("de") });
        }
        let may_index = keyed("@index") && !keyed("@graph") && !reverse && coercion.starts_with('@');
        if may_index && self.dice.one_in(2) {
            definition.insert("@index".into(), json!("p0"));
            coercion = "@id";
            definition.insert("@type".into(), json!(coercion));
        }
        let is_map = has_maps || keyed("@type");
        if self.dice.one_in(4) && !reverse && !is_map {
            definition.insert("@context".into(), self.scoped());
        }
        Term { name, definition: Value::Object(definition), container, coercion, reverse }
    }

    fn iri(&mut self) -> String {
        self.count += 1;
        match self.dice.roll(3) {
            0 => format!("urn:uuid:{}", self.count),
            1 => format!("ex:n{}", self.count),
            _ => format!("https://id.example/{}?q#f", self.count),
        }
    }

    fn node(&mut self, depth: usize) -> Value {
        let mut node = Map::new();
        if self.dice.one_in(2) {
            node.insert(self.dice.pick(&["id", "@id"]).into(), json!(self.iri()));
        }
        if self.dice.one_in(2) {
            let kinds: Vec<_> = (0..=self.dice.roll(2)).map(|_| format!("T{}", self.dice.roll(4))).collect();
            let value = if kinds.len() == 1 { json!(kinds[0]) } else { json!(kinds) };
            node.insert(self.dice.pick(&["type", "kind", "@type"]).into(), value);
        }
        node.insert("p0".into(), json!(self.dice.roll(100)));
        if self.dice.one_in(3) {
            let number = self.dice.roll(3);
            node.insert(format!("s{number}"), json!(number));
        }
        if self.dice.one_in(5) {
            node.insert("@index".into(), json!(format!("i{}", self.count)));
        }
        if self.dice.one_in(12) && depth > 0 {
            node.insert("@context".into(), json!({"u0": "https://inline.example/u0"}));
            node.insert("u0".into(), json!("inline"));
        }
        self.add_members(&mut node, depth);
        Value::Object(node)
    }

    fn add_members(&mut self, node: &mut Map<String, Value>, depth: usize) {
        if self.terms.is_empty() {
            return;
        }
        for _ in 0..self.dice.roll(4) {
            let term = self.terms[self.dice.roll(self.terms.len())].clone();
            if let Some(value) = self.value(&term, depth) {
                node.insert(term.name.clone(), value);
            }
        }
        if depth == 0 {
            return;
        }
        if self.dice.one_in(8) {
            let inner = self.dice.roll(9);
            node.insert("nest".into(), json!({"p1": inner, "ex:loose": "a"}));
        }
        if self.dice.one_in(8) {
            node.insert("included".into(), json!([self.node(depth - 1)]));
        }
        if self.dice.one_in(8) {
            node.insert("graph".into(), json!([self.node(depth - 1), self.node(0)]));
        }
        if self.dice.one_in(8) {
            node.insert("@reverse".into(), json!({"ex:back": [self.node(depth - 1), {"@id": self.iri()}]}));
        }
        if self.dice.one_in(8) {
            node.insert("ex:numbers".into(), json!([1, 1.5, -0.25, 1e30, true, 3.0, 123_456.789]));
        }
        if self.dice.one_in(10) {
            node.insert(
                "ex:lists".into(),
                json!({"@list": [{"list": ["a", {"list": []}]}, {"list": [1]}, "b"]}),
            );
        }
    }

    /// A value that fits the term; none where there is nothing left to nest.
    fn value(&mut self, term: &Term, depth: usize) -> Option<Value> {
        let keyed = |word| term.container.contains(&word);
        if term.coercion == "@json" {
            return Some(json!({"z": [1, 2.5, null, {"a": "é\u{1f600}"}], "@id": 7, "a": {}}));
        }
        if keyed("@language") && self.dice.one_in(4) {
            return Some(json!(["untagged", "by a map"]));
        }
        if keyed("@language") {
            return Some(json!({"en": "one", "ko": ["하나", null, "둘"], "@none": "none", "none": ["n"]}));
        }
        if keyed("@graph") && !keyed("@id") && !keyed("@index") {
            return (depth > 0).then(|| match self.dice.roll(3) {
                0 => json!([self.node(depth - 1), self.node(0)]),
                1 => json!({"@graph": [self.node(depth - 1)]}),
                _ => self.node(depth - 1),
            });
        }
        if keyed("@id") || keyed("@type") || keyed("@index") {
            return self.map(term, depth);
        }
        let several = keyed("@set") || keyed("@list") || self.dice.one_in(3);
        if !several {
            return Some(self.item(term, depth));
        }
        let items: Vec<_> = (0..self.dice.roll(4)).map(|_| self.item(term, depth)).collect();
        Some(match self.dice.roll(4) {
            0 if keyed("@list") => json!({"@list": items}),
            1 if keyed("@list") => json!([items, [items.clone(), []], []]),
            0 => json!({"set": items}),
            _ => json!(items),
        })
    }

    fn map(&mut self, term: &Term, depth: usize) -> Option<Value> {
        let keyed = |word| term.container.contains(&word);
        let mut map = Map::new();
        let needs_nodes =
            keyed("@graph") || keyed("@id") || (keyed("@index") && term.definition.get("@index").is_some());
        if needs_nodes && depth == 0 {
            return None;
        }
        for _ in 0..=self.dice.roll(2) {
            let key = match () {
                () if keyed("@type") => format!("T{}", self.dice.roll(4)),
                () if keyed("@id") => self.iri(),
                () if term.definition.get("@index").is_some() => self.dice.roll(50).to_string(),
                () => format!("key {}", self.dice.roll(50)),
            };
            let key = if self.dice.one_in(6) { self.dice.pick(&["@none", "none"]).to_owned() } else { key };
            let mut value = if needs_nodes { self.node(depth - 1) } else { self.item(term, depth) };
            if let Value::Object(node) = &mut value {
                node.retain(|name, _| !(name.starts_with('s') || keyed("@graph") && name == "graph"));
            }
            if keyed("@id") {
                // The key says who it is.
                let node = value.as_object_mut()?;
                node.remove("id");
                node.remove("@id");
            }
            map.insert(key, if self.dice.one_in(3) { json!([value]) } else { value });
        }
        Some(Value::Object(map))
    }

    fn item(&mut self, term: &Term, depth: usize) -> Value {
        if term.reverse || matches!(term.coercion, "@id" | "@vocab") {
            return match self.dice.roll(3) {
                0 if depth > 0 => self.node(depth - 1),
                1 if term.coercion == "@vocab" && !term.container.contains(&"@index") => json!("T2"),
                _ => json!(self.iri()),
            };
        }
        self.count += 1;
        let unique = self.count;
        if term.coercion == "xsd:double" {
            return json!(unique);
        }
        match self.dice.roll(7) {
            0 if depth > 0 => self.node(depth - 1),
            1 => json!({"@value": format!("tagged {unique}"), "lang": "fr-CA"}),
            2 => json!({"value": format!("typed {unique}"), "@type": "xsd:token"}),
            3 => json!(unique),
            4 if term.container.is_empty() => json!(true),
            5 => json!({"@value": {"b": [unique], "a": null}, "@type": "@json"}),
            _ => json!(format!("text \"{unique}\"\n")),
        }
    }
}
