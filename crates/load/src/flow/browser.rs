//! The holder's browser, as far as flows need one.

use super::{Browser, FlowError};
use crate::web::{Leg, Web};
use http::{
    Request, Response, StatusCode,
    header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE},
};
use sinpyo_oauth::form::encode;
use std::collections::BTreeMap;

/// A browser that runs no scripts, with a holder who agrees to everything.
#[derive(Debug, Default)]
pub struct PageBrowser {
    /// What the holder types where a code is asked for.
    code: Option<String>,
    cookies: BTreeMap<String, String>,
}

/// Most pages before the browser is sent back.
const PAGES: usize = 8;

impl PageBrowser {
    /// A browser without cookies, before a holder who knows `code`.
    pub const fn new(code: Option<String>) -> Self {
        Self { code, cookies: BTreeMap::new() }
    }

    /// Opens the verifier's page `url`, and returns the link to the wallet that is on it.
    ///
    /// # Errors
    /// There is no such page, or no link on it.
    pub fn wallet_link(&mut self, url: &str, web: &mut dyn Web) -> Result<String, FlowError> {
        let page = self.open(url, None, web)?;
        let status = page.status().as_u16();
        let text = String::from_utf8_lossy(page.body());
        let links = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let mut links = links.map(unescaped).filter(|link| link.contains("request_uri="));
        links.next().ok_or(FlowError::Page(status))
    }

    /// Opens the address that the wallet was given, and returns where this leads outside of the service.
    ///
    /// # Errors
    /// It leads nowhere.
    pub fn come_back(&mut self, url: &str, web: &mut dyn Web) -> Result<String, FlowError> {
        let page = self.open(url, None, web)?;
        location(&page).ok_or(FlowError::Page(page.status().as_u16()))
    }

    fn open(
        &mut self,
        url: &str,
        form: Option<String>,
        web: &mut dyn Web,
    ) -> Result<Response<Vec<u8>>, FlowError> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = match &form {
            Some(_) => Request::post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded"),
            None => Request::get(url),
        };
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if form.is_some() {
            request = request.header(ORIGIN, origin(url)).header("sec-fetch-site", "same-origin");
        }
        let body = form.unwrap_or_default().into_bytes();
        let response = web.send(Leg::Page, request.body(body).map_err(|_| FlowError::Unknown)?)?;
        let set = response.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        for (name, value) in set.filter_map(|cookie| cookie.split(';').next()?.split_once('=')) {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Ok(response)
    }
}

impl Browser for PageBrowser {
    fn agree(&mut self, url: &str, web: &mut dyn Web) -> Result<String, FlowError> {
        let (mut url, home) = (url.to_owned(), origin(url));
        let mut form = None;
        for _ in 0..PAGES {
            let page = self.open(&url, form.take(), web)?;
            if let Some(next) = location(&page) {
                let next = if next.starts_with('/') { format!("{home}{next}") } else { next };
                if !next.starts_with(&format!("{home}/")) {
                    return next.split_once('?').map(|(_, query)| query.to_owned()).ok_or(FlowError::Unknown);
                }
                url = next;
                continue;
            }
            let status = page.status();
            let filled = fill(&String::from_utf8_lossy(page.body()), self.code.as_deref());
            let (action, fields) =
                filled.filter(|_| status == StatusCode::OK).ok_or(FlowError::Page(status.into()))?;
            url = format!("{home}{action}");
            form = Some(encode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))));
        }
        Err(FlowError::Endless)
    }
}

fn location(page: &Response<Vec<u8>>) -> Option<String> {
    let to = page.headers().get(LOCATION).filter(|_| page.status().is_redirection())?;
    to.to_str().ok().map(str::to_owned)
}

fn origin(url: &str) -> String {
    url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

/// The first form of the page that is posted, with its fields: where it goes, hidden ones as they are, others with `code`,
/// and its first button, which agrees.
fn fill(page: &str, code: Option<&str>) -> Option<(String, Vec<(String, String)>)> {
    let form = page
        .split("<form")
        .skip(1)
        .find(|form| form.split('>').next().is_some_and(|tag| tag.contains("post")))?;
    let form = form.split("</form>").next()?;
    let action = attribute(form.split('>').next()?, "action")?;
    let inputs = form.split("<input").skip(1).filter_map(|input| input.split('>').next());
    let field = |tag: &str| {
        let kind = attribute(tag, "type").unwrap_or_default();
        let value = attribute(tag, "value");
        let value = if kind == "hidden" || kind == "checkbox" { value } else { code.map(str::to_owned) };
        Some((attribute(tag, "name")?, value.unwrap_or_default()))
    };
    let button = form.split("<button").nth(1).and_then(|button| button.split('>').next());
    let button = button.and_then(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)));
    Some((action, inputs.filter_map(field).chain(button).collect()))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split('"').next()?))
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_filled_as_it_stands() {
        let page = "<form action=\"/lang\" method=\"get\"></form><form class=\"x\" method=\"post\" action=\"/t/authorize?a=1&amp;b=2\">\
            <input type=\"hidden\" name=\"token\" value=\"a&quot;b\"><input type=\"text\" name=\"code\" inputmode=\"numeric\">\
            <button type=\"submit\" name=\"decision\" value=\"agree\">Yes</button></form>";
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = vec![pair("token", "a\"b"), pair("code", "123"), pair("decision", "agree")];
        assert_eq!(fill(page, Some("123")), Some(("/t/authorize?a=1&b=2".to_owned(), fields)));
        assert_eq!(fill("<form action=\"/x\" method=\"get\"></form>", None), None);
        assert_eq!(fill("", None), None);
        assert_eq!(origin("http://127.0.0.1:80/a/b?c"), "http://127.0.0.1:80");
    }
}
