//! What an operator watches, in the text format of Prometheus.

use crate::serve::edge::{Answer, Limits, Service};
use hyper::{Method, Request, Response, StatusCode, body::Bytes, header};
use sinpyo_core::time::Timestamp;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// Upper ends of the classes of the append latency, in microseconds.
const CLASSES: [u64; 12] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000];

/// The figures of one server. Nothing in them is about a person.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) entries: AtomicU64,
    pub(crate) published: AtomicU64,
    /// Ledger clock of the last published checkpoint, in Unix seconds.
    pub(crate) published_at: AtomicI64,
    /// Checkpoints that were published without the quorum of witnesses.
    pub(crate) unwitnessed: AtomicU64,
    witnesses: Mutex<BTreeMap<String, (i64, u64)>>,
    refused: Mutex<BTreeMap<&'static str, u64>>,
    failed: AtomicU64,
    appends: Histogram,
}

#[derive(Debug, Default)]
struct Histogram {
    classes: [AtomicU64; CLASSES.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

impl Metrics {
    /// A call of the log's engine took so long.
    pub(crate) fn appended(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for (end, class) in CLASSES.iter().zip(&self.appends.classes) {
            if micros <= *end {
                class.fetch_add(1, Relaxed);
            }
        }
        self.appends.count.fetch_add(1, Relaxed);
        self.appends.micros.fetch_add(micros, Relaxed);
    }

    /// A submission was refused by a rule, or failed.
    pub(crate) fn refused(&self, code: Option<&'static str>) {
        match code {
            Some(code) => {
                *self.refused.lock().unwrap_or_else(PoisonError::into_inner).entry(code).or_default() += 1;
            }
            None => {
                self.failed.fetch_add(1, Relaxed);
            }
        }
    }

    /// The witness `name` cosigned the checkpoint of `size` at `at`.
    pub(crate) fn cosigned(&self, name: &str, at: Timestamp, size: u64) {
        let mut witnesses = self.witnesses.lock().unwrap_or_else(PoisonError::into_inner);
        witnesses.insert(name.to_owned(), (at.unix(), size));
    }

    /// The page.
    fn text(&self, now: Timestamp) -> String {
        let (entries, published) = (self.entries.load(Relaxed), self.published.load(Relaxed));
        let age = now.unix().saturating_sub(self.published_at.load(Relaxed));
        let mut page = String::new();
        let mut gauge = |name: &str, help: &str, value: &dyn std::fmt::Display| {
            let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
        };
        gauge("sinpyo_log_entries", "Entries that are durable.", &entries);
        gauge("sinpyo_checkpoint_entries", "Entries under the published checkpoint.", &published);
        gauge("sinpyo_checkpoint_age_seconds", "Age of the published checkpoint.", &age);
        gauge(
            "sinpyo_unpublished_entries",
            "Entries under no checkpoint yet.",
            &entries.saturating_sub(published),
        );
        self.write_counters(&mut page);
        self.write_witnesses(&mut page, now, entries);
        self.write_appends(&mut page);
        page
    }

    fn write_counters(&self, page: &mut String) {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        page.push_str("# HELP sinpyo_refused_total Submissions refused, by rule.\n");
        page.push_str("# TYPE sinpyo_refused_total counter\n");
        for (rule, count) in &*refused {
            let _ = writeln!(page, "sinpyo_refused_total{{rule=\"{rule}\"}} {count}");
        }
        let counters = [
            ("sinpyo_failed_total", "Submissions that failed through no fault of theirs.", &self.failed),
            ("sinpyo_unwitnessed_total", "Checkpoints published without the quorum.", &self.unwitnessed),
        ];
        for (name, help, value) in counters {
            let value = value.load(Relaxed);
            let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}");
        }
    }

    fn write_witnesses(&self, page: &mut String, now: Timestamp, entries: u64) {
        let witnesses = self.witnesses.lock().unwrap_or_else(PoisonError::into_inner);
        page.push_str("# HELP sinpyo_witness_age_seconds Age of a witness's last cosignature.\n");
        page.push_str("# TYPE sinpyo_witness_age_seconds gauge\n");
        for (name, (at, _)) in &*witnesses {
            let _ = writeln!(
                page,
                "sinpyo_witness_age_seconds{{witness=\"{}\"}} {}",
                label(name),
                now.unix().saturating_sub(*at)
            );
        }
        page.push_str("# HELP sinpyo_witness_lag_entries Entries that a witness has not cosigned.\n");
        page.push_str("# TYPE sinpyo_witness_lag_entries gauge\n");
        for (name, (_, size)) in &*witnesses {
            let lag = entries.saturating_sub(*size);
            let _ = writeln!(page, "sinpyo_witness_lag_entries{{witness=\"{}\"}} {lag}", label(name));
        }
    }

    fn write_appends(&self, page: &mut String) {
        page.push_str("# HELP sinpyo_append_seconds Time until a submission was durable.\n");
        page.push_str("# TYPE sinpyo_append_seconds histogram\n");
        let count = self.appends.count.load(Relaxed);
        for (end, class) in CLASSES.iter().zip(&self.appends.classes) {
            let class = class.load(Relaxed);
            let _ = writeln!(page, "sinpyo_append_seconds_bucket{{le=\"{}\"}} {class}", seconds(*end));
        }
        let _ = writeln!(page, "sinpyo_append_seconds_bucket{{le=\"+Inf\"}} {count}");
        let _ = writeln!(page, "sinpyo_append_seconds_sum {}", seconds(self.appends.micros.load(Relaxed)));
        let _ = writeln!(page, "sinpyo_append_seconds_count {count}");
    }
}

/// Microseconds as decimal seconds.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// A label's value [Prometheus exposition formats].
fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// The page as a service, on a port of its own.
#[derive(Debug)]
pub(crate) struct MetricsPage<C> {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) clock: C,
}

impl<C: sinpyo_core::time::Clock + 'static> Service for MetricsPage<C> {
    fn answer(&self, request: Request<Bytes>) -> Answer {
        let (status, body) = match (request.method(), request.uri().path()) {
            (&Method::GET, "/metrics") => (StatusCode::OK, self.metrics.text(self.clock.now())),
            (_, "/metrics") => (StatusCode::METHOD_NOT_ALLOWED, String::new()),
            _ => (StatusCode::NOT_FOUND, String::new()),
        };
        let mut answer = Response::new(body.into_bytes());
        *answer.status_mut() = status;
        let kind = header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
        Answer::Whole(answer)
    }

    fn too_long(&self) -> Response<Vec<u8>> {
        let mut answer = Response::new(Vec::new());
        *answer.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        answer
    }

    fn limits(&self) -> Limits {
        Limits { body: 0, at_once: 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_adds_up() {
        let metrics = Metrics::default();
        metrics.entries.store(12, Relaxed);
        metrics.published.store(10, Relaxed);
        metrics.published_at.store(100, Relaxed);
        for micros in [200, 800, 6_000_000] {
            metrics.appended(Duration::from_micros(micros));
        }
        metrics.refused(Some("TLOG-07"));
        metrics.refused(Some("TLOG-07"));
        metrics.refused(None);
        metrics.cosigned("w\"1", Timestamp::from_unix(90).unwrap(), 7);
        let page = metrics.text(Timestamp::from_unix(105).unwrap());
        for line in [
            "sinpyo_unpublished_entries 2",
            "sinpyo_checkpoint_age_seconds 5",
            "sinpyo_refused_total{rule=\"TLOG-07\"} 2",
            "sinpyo_failed_total 1",
            "sinpyo_witness_age_seconds{witness=\"w\\\"1\"} 15",
            "sinpyo_witness_lag_entries{witness=\"w\\\"1\"} 5",
            "sinpyo_append_seconds_bucket{le=\"0.000250\"} 1",
            "sinpyo_append_seconds_bucket{le=\"0.001000\"} 2",
            "sinpyo_append_seconds_bucket{le=\"5.000000\"} 2",
            "sinpyo_append_seconds_bucket{le=\"+Inf\"} 3",
            "sinpyo_append_seconds_sum 6.001000",
        ] {
            assert!(page.lines().any(|other| other == line), "{line}\n{page}");
        }
    }
}
