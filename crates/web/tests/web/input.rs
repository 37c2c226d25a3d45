//! What is read of a request: forms, queries, JSON, paths.

use http::{HeaderMap, Method};
use proptest::prelude::*;
use rstest::rstest;
use sinpyo_web::{
    body::{BodyError, json_object},
    form::{Fields, FormError, FormLimits, percent_decoded, percent_encoded},
    openapi::{About, Tokens, describe},
    route::{Content, Parameter, Route, RouteError, Table},
};

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn form(body: &[u8]) -> Result<Vec<(String, String)>, FormError> {
    let limits = FormLimits { bytes: 40, fields: 3 };
    let fields = Fields::of_body(&headers(&[FORM]), body, limits)?;
    Ok(fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[test]
fn the_fields_of_a_form_are_read() {
    let pairs = |body: &str| form(body.as_bytes()).unwrap();
    let owned = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    assert_eq!(pairs("a=1&b=x+y%20z&c"), owned(&[("a", "1"), ("b", "x y z"), ("c", "")]));
    assert_eq!(pairs("%EA%B9%80=%2B%26%3D"), owned(&[("김", "+&=")]));
    assert_eq!(pairs("a=b=c&&"), owned(&[("a", "b=c")]));
    assert_eq!(pairs(""), []);
}

#[rstest]
#[case(b"a=1&a=2", FormError::Twice)]
#[case(b"a=1&%61=1", FormError::Twice)]
#[case(b"a=%", FormError::Malformed)]
#[case(b"a=%4", FormError::Malformed)]
#[case(b"a=%zz", FormError::Malformed)]
#[case(b"a=%+1", FormError::Malformed)]
#[case(b"a=%ff", FormError::Malformed)]
#[case(b"a=\xff", FormError::Malformed)]
#[case(b"a&b&c&d", FormError::TooLong)]
#[case(b"a=4567890123456789012345678901234567890123", FormError::TooLong)]
fn a_form_with_two_meanings_or_too_much_is_refused(#[case] body: &[u8], #[case] error: FormError) {
    let refused = form(body).unwrap_err();
    assert_eq!((refused, refused.code()), (error, "HTTP-05"));
}

#[rstest]
#[case(&[("content-type", "text/plain")])]
#[case(&[("content-type", "application/json")])]
#[case(&[("content-type", "multipart/form-data; boundary=x")])]
#[case(&[FORM, FORM])]
#[case(&[])]
fn what_is_not_called_a_form_is_none(#[case] types: &[(&'static str, &str)]) {
    let refused = Fields::of_body(&headers(types), b"a=1", FormLimits::default()).unwrap_err();
    assert_eq!((refused, refused.code(), refused.status().as_u16()), (FormError::Media, "HTTP-04", 415));
    let charset = [("content-type", "Application/X-www-form-urlencoded; charset=UTF-8")];
    assert!(Fields::of_body(&headers(&charset), b"a=1", FormLimits::default()).is_ok());
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(text: String) {
        let encoded = percent_encoded(&text);
        prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%-._~".contains(&byte)));
        prop_assert_eq!(percent_decoded(&encoded), Some(text));
    }

    #[test]
    fn no_form_breaks_the_reader(body: Vec<u8>) {
        let _ = form(&body);
    }

    #[test]
    fn no_path_breaks_the_table(path in "/?[a-z%/0-9{}+]{0,30}") {
        let _ = TABLE.find(&Method::GET, &path);
    }
}

#[test]
fn what_was_typed_is_not_printed() {
    let fields = Fields::of_query("password=hunter2").unwrap();
    assert_eq!(format!("{fields:?}"), "[\"password\"]");
    assert_eq!((fields.text("password"), fields.text("other")), (Some("hunter2"), None));
    assert_eq!(Fields::of_query("n=7").unwrap().parsed::<u8>("n"), Ok(Some(7)));
    assert!(Fields::of_query("n=300").unwrap().parsed::<u8>("n").is_err());
}

#[test]
fn a_json_object_is_read() {
    for media in ["application/json", "application/json; charset=utf-8", "application/dc+json"] {
        let object = json_object(&headers(&[("content-type", media)]), br#"{"a":1}"#, 100).unwrap();
        assert_eq!(object["a"], 1);
    }
    let identity = [("content-type", "application/json"), ("content-encoding", "identity")];
    assert!(json_object(&headers(&identity), b"{}", 100).is_ok());
}

#[rstest]
#[case(&[("content-type", "text/plain")], b"{}", "HTTP-14")]
#[case(&[("content-type", "text/json")], b"{}", "HTTP-14")]
#[case(&[], b"{}", "HTTP-14")]
#[case(&[("content-type", "application/json"), ("content-type", "application/json")], b"{}", "HTTP-14")]
#[case(&[("content-type", "application/json"), ("content-encoding", "gzip")], b"{}", "HTTP-14")]
#[case(&[("content-type", "application/json")], b"{         }", "HTTP-15")]
#[case(&[("content-type", "application/json")], b"{\"a\":1,", "JSON-06")]
#[case(&[("content-type", "application/json")], b"[]", "JSON-06")]
fn a_body_that_is_no_json_object_is_refused(
    #[case] types: &[(&'static str, &str)],
    #[case] body: &[u8],
    #[case] code: &str,
) {
    assert_eq!(json_object(&headers(types), body, 10).unwrap_err().code(), code);
}

#[test]
fn a_member_named_twice_is_refused_by_its_rule() {
    let json = [("content-type", "application/json")];
    let error = json_object(&headers(&json), br#"{"a":1,"a":2}"#, 100).unwrap_err();
    assert!(matches!(error, BodyError::Json(_)));
    assert_eq!((error.code(), error.status().as_u16()), ("JSON-01", 400));
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    List,
    Make,
    Read,
    Remove,
    Proof,
    Rest,
    Resolve,
    Home,
}

static ROUTES: [Route<Operation>; 8] = [
    Route::get("/offers", Operation::List)
        .says("The offers")
        .permitted_by("issue")
        .asks(&[Parameter::optional("after", "where to go on")])
        .gives(200, Content::json("Offers"))
        .refuses(&[401, 403]),
    Route::post("/tenants/{tenant}/offers", Operation::Make, Content::json("OfferRequest"))
        .gives(201, Content::json("Offer"))
        .refuses(&[422]),
    Route::get("/tenants/{tenant}/offers/{offer}", Operation::Read).gives(200, Content::of("text/html")),
    Route::new(sinpyo_web::route::Verb::Delete, "/tenants/{tenant}/offers/{offer}", Operation::Remove)
        .gives_nothing(204),
    Route::get("/dids/{did+}/proof", Operation::Proof),
    Route::get("/dids/{did+}", Operation::Rest),
    Route::get("/resolve/{did*}", Operation::Resolve),
    Route::get("/", Operation::Home),
];

static TABLE: Table<Operation> = Table(&ROUTES);

#[rstest]
#[case("GET", "/offers", Operation::List, &[])]
#[case("HEAD", "/offers", Operation::List, &[])]
#[case("POST", "/tenants/busan/offers", Operation::Make, &[("tenant", "busan")])]
#[case("GET", "/tenants/a%2Fb/offers/%EA%B9%80", Operation::Read, &[("tenant", "a/b"), ("offer", "김")])]
#[case("DELETE", "/tenants/a/offers/b", Operation::Remove, &[("tenant", "a"), ("offer", "b")])]
#[case("GET", "/dids/did:tlog:a/proof", Operation::Proof, &[("did", "did:tlog:a")])]
#[case("GET", "/dids/did:web:a/b%3Ac/d", Operation::Rest, &[("did", "did:web:a/b%3Ac/d")])]
#[case("GET", "/dids/a/b/proof", Operation::Proof, &[("did", "a/b")])]
#[case("GET", "/resolve/", Operation::Resolve, &[("did", "")])]
#[case("GET", "/resolve/did:web:a/b", Operation::Resolve, &[("did", "did:web:a/b")])]
#[case("GET", "/", Operation::Home, &[])]
fn a_path_is_found_with_its_variable_parts(
    #[case] method: &str,
    #[case] path: &str,
    #[case] operation: Operation,
    #[case] parts: &[(&str, &str)],
) {
    let routed = TABLE.find(&method.parse().unwrap(), path).unwrap();
    assert_eq!(routed.route.operation, operation);
    for (name, value) in parts {
        assert_eq!(routed.part(name), *value);
    }
    assert_eq!(routed.part("other"), "");
}

#[rstest]
#[case("")]
#[case("offers")]
#[case("/offers/")]
#[case("//offers")]
#[case("/tenants//offers")]
#[case("/tenants/a/offers/")]
#[case("/tenants/a/offers/b/c")]
#[case("/tenants/%zz/offers/b")]
#[case("/tenants/%ff/offers/b")]
#[case("/dids/")]
#[case("/resolve")]
#[case("/nothing")]
fn what_is_not_in_the_table_is_absent(#[case] path: &str) {
    let error = TABLE.find(&Method::GET, path).unwrap_err();
    assert_eq!((&error, error.code()), (&RouteError::Absent, "HTTP-21"));
    assert_eq!(error.refuse("HTTP-21").response(|_| None).status(), 404);
}

#[test]
fn another_method_is_refused_with_those_that_there_are() {
    let error = TABLE.find(&Method::PUT, "/tenants/a/offers/b").unwrap_err();
    assert_eq!(error.code(), "HTTP-22");
    let response = error.refuse(error.code()).response(|_| None);
    assert_eq!(
        (response.status().as_u16(), response.headers()["allow"].to_str().unwrap()),
        (405, "GET, HEAD, DELETE")
    );
    // Whatever a header or a field says the method is.
    assert!(TABLE.find(&Method::POST, "/tenants/a/offers/b").is_err());
}

#[test]
fn the_description_is_the_table() {
    let schemas = [("Offer".to_owned(), serde_json::json!({"type": "object"}))].into_iter().collect();
    let tokens = Some(Tokens { path: "/oauth/token", scopes: vec![("issue", "make offers")] });
    let about = About {
        title: "t",
        version: "1",
        base: "https://a.example",
        schemas,
        tokens,
        refusals: &[429],
        ..About::default()
    };
    let description = describe(&TABLE, about);
    let at = |pointer: &str| description.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(description["paths"].as_object().unwrap().len(), 7);
    assert_eq!(at("/paths/~1offers/get/operationId"), "List");
    assert_eq!(at("/paths/~1offers/get/security/0/bearer/0"), "issue");
    assert_eq!(at("/paths/~1offers/get/parameters/0/in"), "query");
    assert_eq!(at("/paths/~1resolve~1{did}/get/parameters/0/name"), "did");
    assert_eq!(at("/paths/~1dids~1{did}~1proof/get/parameters/0/name"), "did");
    let make = at("/paths/~1tenants~1{tenant}~1offers/post");
    let reference = make.pointer("/requestBody/content/application~1json/schema/$ref");
    assert_eq!(reference.unwrap(), "#/components/schemas/OfferRequest");
    let statuses: Vec<_> = make["responses"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(statuses, ["201", "400", "422", "429"]);
    // What takes no input is not malformed.
    assert!(at("/paths/~1/get/responses").get("400").is_none());
    assert_eq!(at("/paths/~1tenants~1{tenant}~1offers~1{offer}/delete/responses/204/description"), "done");
    assert_eq!(at("/components/securitySchemes/bearer/flows/clientCredentials/tokenUrl"), "/oauth/token");
    assert!(at("/components/schemas/Problem/required").as_array().unwrap().contains(&"rule".into()));
    assert_eq!(at("/servers/0/url"), "https://a.example");
}
