//! The one table of what can be asked: routing and the description of the interface both read it.

use crate::{
    form::percent_decoded,
    problem::Refusal,
    site::{Site, SiteError},
};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};

/// How it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// GET, which HEAD goes with.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Verb {
    /// The method's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn is(self, method: &Method) -> bool {
        self.name() == method.as_str() || (self == Self::Get && method == Method::HEAD)
    }
}

/// A parameter after the question mark.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub says: &'static str,
    /// Whether it has to be there.
    pub need: Need,
}

/// Whether a parameter has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It does.
    Required,
    /// It does not.
    Optional,
}

impl Parameter {
    /// One that has to be there.
    pub const fn required(name: &'static str, says: &'static str) -> Self {
        Self { name, says, need: Need::Required }
    }

    /// One that may be left out.
    pub const fn optional(name: &'static str, says: &'static str) -> Self {
        Self { name, says, need: Need::Optional }
    }
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its media type.
    pub media: &'static str,
    /// Its name among `components/schemas`.
    pub schema: Option<&'static str>,
}

impl Content {
    /// `application/json` of the schema of this name.
    pub const fn json(schema: &'static str) -> Self {
        Self { media: "application/json", schema: Some(schema) }
    }

    /// A form of the schema of this name.
    pub const fn form(schema: &'static str) -> Self {
        Self { media: "application/x-www-form-urlencoded", schema: Some(schema) }
    }

    /// Something of this media type.
    pub const fn of(media: &'static str) -> Self {
        Self { media, schema: None }
    }

    /// What refusals are.
    pub const PROBLEM: Self = Self { media: "application/problem+json", schema: Some("Problem") };
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route<O> {
    /// How it is asked.
    pub verb: Verb,
    /// Segments; `{name}` stands for one, `{name+}` for all up to what is written after it, neither for nothing, and
    /// `{name*}` for all, or nothing.
    pub path: &'static str,
    /// What is done.
    pub operation: O,
    /// That, in words.
    pub summary: &'static str,
    /// What a token must permit.
    pub scope: Option<&'static str>,
    /// The parameters after the question mark.
    pub parameters: &'static [Parameter],
    /// The body of the request.
    pub request: Option<Content>,
    /// The status of success, and what comes with it.
    pub answer: (u16, Option<Content>),
    /// What refusals are.
    pub problem: Content,
    /// The statuses of refusals, beside 400 where there is input.
    pub refusals: &'static [u16],
}

impl<O> Route<O> {
    /// A line of which nothing else is said.
    pub const fn new(verb: Verb, path: &'static str, operation: O) -> Self {
        Self {
            verb,
            path,
            operation,
            summary: "",
            scope: None,
            parameters: &[],
            request: None,
            answer: (200, None),
            problem: Content::PROBLEM,
            refusals: &[],
        }
    }

    /// A line for reading.
    pub const fn get(path: &'static str, operation: O) -> Self {
        Self::new(Verb::Get, path, operation)
    }

    /// A line for doing something with a body.
    pub const fn post(path: &'static str, operation: O, request: Content) -> Self {
        let mut line = Self::new(Verb::Post, path, operation);
        line.request = Some(request);
        line
    }

    /// What is done, in words.
    #[must_use]
    pub const fn says(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// What a token must permit.
    #[must_use]
    pub const fn permitted_by(mut self, scope: &'static str) -> Self {
        self.scope = Some(scope);
        self
    }

    /// The parameters.
    #[must_use]
    pub const fn asks(mut self, parameters: &'static [Parameter]) -> Self {
        self.parameters = parameters;
        self
    }

    /// The status of success, and what comes with it.
    #[must_use]
    pub const fn gives(mut self, status: u16, content: Content) -> Self {
        self.answer = (status, Some(content));
        self
    }

    /// The status of success, with which nothing comes.
    #[must_use]
    pub const fn gives_nothing(mut self, status: u16) -> Self {
        self.answer = (status, None);
        self
    }

    /// The refusals.
    #[must_use]
    pub const fn refuses(mut self, refusals: &'static [u16]) -> Self {
        self.refusals = refusals;
        self
    }

    /// The form of refusals.
    #[must_use]
    pub const fn refuses_as(mut self, problem: Content) -> Self {
        self.problem = problem;
        self
    }

    /// What the variable parts of the path are, if `path` is one of this line.
    fn matches(&self, path: &str) -> Option<Vec<(&'static str, String)>> {
        let mut parts = Vec::new();
        let mut rest = path.strip_prefix('/')?;
        let mut line = self.path.strip_prefix('/')?;
        loop {
            let (segment, later) = line.split_once('/').unwrap_or((line, ""));
            let is_last = segment.len() == line.len();
            let variable = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            let many = variable.and_then(|name| Some((name.strip_suffix(['+', '*'])?, name.ends_with('*'))));
            if let Some((name, may_be_empty)) = many {
                let taken = if is_last { rest } else { rest.strip_suffix(later)?.strip_suffix('/')? };
                parts.push((name, taken.to_owned()));
                return (may_be_empty || !taken.is_empty()).then_some(parts);
            }
            let (given, after) = if is_last { (rest, "") } else { rest.split_once('/')? };
            match variable {
                Some(name) if !given.is_empty() && !given.contains('/') => {
                    parts.push((name, percent_decoded(given)?));
                }
                None if given == segment => {}
                _ => return None,
            }
            if is_last {
                return Some(parts);
            }
            (rest, line) = (after, later);
        }
    }
}

/// The lines of a service. Of several that fit a request the first counts.
#[derive(Debug)]
pub struct Table<O: 'static>(pub &'static [Route<O>]);

/// A request that is in the table.
#[derive(Debug)]
pub struct Routed<O: 'static> {
    /// Its line.
    pub route: &'static Route<O>,
    parts: Vec<(&'static str, String)>,
}

impl<O> Routed<O> {
    /// The variable part `name` of the path: decoded if it is one segment, as sent if it is more.
    pub fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|(own, _)| *own == name).map_or("", |(_, value)| value)
    }
}

/// Why a request is not in the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// HTTP-21: no line has this path.
    #[error("there is nothing at this path")]
    Absent,
    /// HTTP-22: lines of this path are for other methods.
    #[error("the path does not take this method")]
    Method {
        /// Those methods.
        allowed: Vec<&'static str>,
    },
}

impl RouteError {
    /// The rule in `spec/checks/http.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Absent => "HTTP-21",
            Self::Method { .. } => "HTTP-22",
        }
    }

    /// The refusal by `rule`, which may be the service's own, with the methods that the path takes.
    pub fn refuse(&self, rule: &'static str) -> Refusal {
        match self {
            Self::Absent => Refusal::new(StatusCode::NOT_FOUND, rule, self),
            Self::Method { allowed } => {
                let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, rule, self);
                refusal.with(header::ALLOW, allow(allowed))
            }
        }
    }
}

/// The value of `Allow` that names `methods`.
pub fn allow(methods: &[&'static str]) -> HeaderValue {
    HeaderValue::from_str(&methods.join(", ")).unwrap_or(HeaderValue::from_static(""))
}

impl<O> Table<O> {
    /// The line for a request.
    ///
    /// # Errors
    /// There is none.
    pub fn find(&self, method: &Method, path: &str) -> Result<Routed<O>, RouteError> {
        let mut here = self.0.iter().filter_map(|route| Some(Routed { route, parts: route.matches(path)? }));
        match here.find(|routed| routed.route.verb.is(method)) {
            Some(routed) => Ok(routed),
            None => match self.methods(path) {
                allowed if allowed.is_empty() => Err(RouteError::Absent), // [HTTP-21]
                allowed => Err(RouteError::Method { allowed }),           // [HTTP-22]
            },
        }
    }

    /// The line for a request that came to one of our names.
    ///
    /// # Errors
    /// It means another server, or there is no such line.
    pub fn enter(&self, site: &Site, asked: &Parts) -> Result<Routed<O>, Refusal> {
        let misdirected =
            |error: SiteError| Refusal::because(StatusCode::MISDIRECTED_REQUEST, error.code(), &error);
        let _ours = site.origin(asked).map_err(misdirected)?;
        self.find(&asked.method, asked.uri.path()).map_err(|error| error.refuse(error.code()))
    }

    /// The methods that `path` takes.
    pub fn methods(&self, path: &str) -> Vec<&'static str> {
        let mut methods = Vec::new();
        for route in self.0.iter().filter(|route| route.matches(path).is_some()) {
            let more: &[&str] = if route.verb == Verb::Get { &["GET", "HEAD"] } else { &[route.verb.name()] };
            methods.extend(more.iter().filter(|name| !methods.contains(*name)).collect::<Vec<_>>());
        }
        methods
    }
}
