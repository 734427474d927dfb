//! An event as a line of JSON. tracing-subscriber's own format does the same with 13,600 user instructions more; a whole
//! request takes 40,000.

use std::cell::RefCell;
use std::fmt::{self, Debug, Write};
use std::time::UNIX_EPOCH;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// More bytes than the line of a request has.
const USUAL_LENGTH: usize = 300;

thread_local! {
    /// The second of the last line, and its text up to the fraction: a date is converted once a second.
    static LAST_SECOND: RefCell<(u64, String)> = const { RefCell::new((u64::MAX, String::new())) };
}

/// Writes the time, the level, and the members of an event. There are no spans.
pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::with_capacity(USUAL_LENGTH);
        line.push_str("{\"timestamp\":\"");
        push_time(&mut line)?;
        line.push_str("\",\"level\":\"");
        line.push_str(event.metadata().level().as_str());
        line.push('"');
        event.record(&mut Members(&mut line));
        line.push_str("}\n");
        writer.write_str(&line)
    }
}

/// Adds the present time, such as `2026-05-04T03:02:01.000000Z`.
fn push_time(line: &mut String) -> fmt::Result {
    let since_epoch = || UNIX_EPOCH.elapsed().unwrap_or_default();
    LAST_SECOND.with_borrow_mut(|(second, text)| {
        let mut now = since_epoch();
        while *second != now.as_secs() {
            text.clear();
            SystemTime.format_time(&mut Writer::new(text))?;
            text.truncate("2026-05-04T03:02:01".len());
            *second = now.as_secs();
            // If the second ended meanwhile, the text may be that of the next one.
            now = since_epoch();
        }
        write!(line, "{text}.{:06}Z", now.subsec_micros())
    })
}

struct Members<'l>(&'l mut String);

impl Members<'_> {
    /// Adds the name of a member; returns the line for the value.
    fn begin(&mut self, field: &Field) -> &mut String {
        self.0.push_str(",\"");
        self.0.push_str(field.name());
        self.0.push_str("\":");
        self.0
    }

    fn add(&mut self, field: &Field, value: impl fmt::Display) {
        write!(self.begin(field), "{value}").expect("writing to a string cannot fail");
    }
}

impl Visit for Members<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let line = self.begin(field);
        line.push('"');
        Escaped(line).push(value);
        line.push('"');
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let line = self.begin(field);
        line.push('"');
        // A value that fails to print itself ends early.
        let _ = write!(Escaped(line), "{value:?}");
        line.push('"');
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() { self.add(field, value) } else { self.add(field, "null") }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }
}

/// Escapes the text that is written, as the content of a JSON string (RFC 8259, section 7).
struct Escaped<'l>(&'l mut String);

impl Escaped<'_> {
    fn push(&mut self, text: &str) {
        let is_special = |byte: u8| byte < 0x20 || matches!(byte, b'"' | b'\\');
        // Without an early exit the compiler checks sixteen bytes at once, and nearly no text has a special one.
        if !text.bytes().fold(false, |found, byte| found | is_special(byte)) {
            return self.0.push_str(text);
        }
        for char in text.chars() {
            match char {
                '"' | '\\' => self.0.extend(['\\', char]),
                '\0'..' ' => {
                    write!(self.0, "\\u{:04x}", u32::from(char)).expect("writing to a string cannot fail")
                }
                _ => self.0.push(char),
            }
        }
    }
}

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_kind_of_value_is_valid_json() {
        let sink = Sink::default();
        let writer = sink.clone();
        let subscriber =
            tracing_subscriber::fmt().event_format(JsonLine).with_writer(move || writer.clone()).finish();
        let odd = "\"\\\n\r\t\0\u{1b}\u{7f}é\u{2028}";
        tracing::subscriber::with_default(subscriber, || {
            let (nan, small) = (f64::NAN, 0.25);
            tracing::info!(odd, debug = ?odd, display = %odd, nan, small, minus = -1, yes = true, "{odd}");
        });
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let mut line: Value = serde_json::from_str(&text).unwrap();
        let time = line["timestamp"].take();
        assert!(time.as_str().is_some_and(|time| time.len() == 27 && time.ends_with('Z')), "{time}");
        assert_eq!(
            line,
            json!({
                "timestamp": null, "level": "INFO", "message": odd, "odd": odd, "debug": format!("{odd:?}"),
                "display": odd, "nan": null, "small": 0.25, "minus": -1, "yes": true
            })
        );
    }
}
