//! A browser without a script: cookies, links and forms.

use crate::town::{HOST, Town};
use http::{Request, Response, StatusCode};
use sinpyo_core::Secret;
use sinpyo_web::{audit::LogWord, form::percent_encoded};
use std::collections::BTreeMap;

const PASSWORD: &str = "correct horse battery staple";

/// A browser that keeps cookies and fills in forms.
pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) here: String,
    pub(crate) page: String,
    pub(crate) status: StatusCode,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self { cookies: BTreeMap::new(), here: String::new(), page: String::new(), status: StatusCode::OK }
    }

    pub(crate) fn took(&mut self, town: &mut Town, response: &Response<Vec<u8>>) {
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        self.status = response.status();
        self.page = String::from_utf8(response.body().clone()).unwrap();
        if response.status() == StatusCode::SEE_OTHER {
            let next = response.headers()["location"].to_str().unwrap().to_owned();
            self.open(town, &next);
        } else if response.headers()["content-type"].to_str().unwrap().starts_with("text/html") {
            let policy = response.headers()["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
            assert!(!self.page.contains("<script>") && !self.page.contains(" onclick"));
        }
    }

    pub(crate) fn cookie(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn open(&mut self, town: &mut Town, path: &str) {
        self.here = path.to_owned();
        let request =
            Request::get(path).header("host", HOST).header("cookie", self.cookie()).body(Vec::new()).unwrap();
        let response = town.send(&request);
        self.took(town, &response);
    }

    /// Sends the form of this page whose action is `action`.
    pub(crate) fn fill(&mut self, town: &mut Town, action: &str, fields: &[(&str, &str)]) {
        let fits = |form: &&str| {
            let has = |name: &str| form.contains(&format!("name=\"{name}\""));
            form.contains(&format!("action=\"{action}\"")) && fields.iter().all(|(name, _)| has(name))
        };
        let form = self.page.split("<form").find(fits);
        let form = form.unwrap_or_else(|| panic!("no form for {action} on {}: {}", self.here, self.page));
        let form = form.split("</form>").next().unwrap();
        let mut sent: Vec<(String, String)> = form
            .split("type=\"hidden\"")
            .skip(1)
            .map(|input| (attribute(input, "name"), attribute(input, "value")))
            .collect();
        sent.retain(|(name, _)| !fields.iter().any(|(own, _)| own == name));
        sent.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let body: Vec<String> =
            sent.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        let request = Request::post(action)
            .header("host", HOST)
            .header("origin", format!("https://{HOST}"))
            .header("cookie", self.cookie())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&").into_bytes())
            .unwrap();
        let response = town.send(&request);
        self.took(town, &response);
    }
}

/// The value of an attribute, where it comes first.
pub(crate) fn attribute(text: &str, name: &str) -> String {
    let rest = text.split(&format!("{name}=\"")).nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// A browser whose host has logged in, at the second attempt.
pub(crate) fn logged_in(town: &mut Town) -> Browser {
    logged_in_as(town, "host")
}

pub(crate) fn logged_in_as(town: &mut Town, account: &str) -> Browser {
    let name = LogWord::parse(account).unwrap();
    let password = Secret::new(PASSWORD.to_owned());
    town.service.accounts().enter(&name, &password, town.clock_now(), &mut town.entropy).unwrap();
    let mut browser = Browser::new();
    browser.open(town, "/admin");
    assert_eq!(browser.here, "/admin/login");
    browser.fill(town, "/admin/login", &[("name", account), ("password", "wrong password here")]);
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    browser.fill(town, "/admin/login", &[("name", account), ("password", PASSWORD)]);
    assert_eq!(browser.here, "/admin");
    browser
}
