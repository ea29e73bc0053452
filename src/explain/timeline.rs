//! What happened when, in the trace event format that Chromium's developer tools and Perfetto read.
//!
//! The format is that of the document "Trace Event Format" (Google): complete events, with times in microseconds.

use serde::Serialize;

/// A timeline; serialised as JSON it is a trace file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timeline {
    trace_events: Vec<Event>,
    display_time_unit: &'static str,
}

/// The row of a timeline on which an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// Work of the host: capture, passes, compiling, making pipelines.
    Host,
    /// Kernels on the device.
    Device,
}

#[derive(Clone, Debug, Serialize)]
struct Event {
    name: String,
    cat: &'static str,
    ph: &'static str,
    ts: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    pid: u32,
    tid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<Arguments>,
}

#[derive(Clone, Debug, Serialize)]
struct Arguments {
    name: String,
}

impl Track {
    fn id(self) -> u32 {
        match self {
            Track::Host => 1,
            Track::Device => 2,
        }
    }

    fn category(self) -> &'static str {
        match self {
            Track::Host => "host",
            Track::Device => "device",
        }
    }
}

impl Timeline {
    /// An empty timeline of a program on a device.
    pub fn new(program: &str, device: &str) -> Timeline {
        let mut timeline = Timeline { trace_events: Vec::new(), display_time_unit: "ms" };
        timeline.label("process_name", 0, &format!("ferrodyne: {program}"));
        timeline.label("thread_name", Track::Host.id(), "host");
        timeline.label("thread_name", Track::Device.id(), device);
        timeline
    }

    fn label(&mut self, what: &str, tid: u32, name: &str) {
        self.trace_events.push(Event {
            name: what.to_owned(),
            cat: "label",
            ph: "M",
            ts: 0.0,
            dur: None,
            pid: 1,
            tid,
            args: Some(Arguments { name: name.to_owned() }),
        });
    }

    /// Adds a stretch of time that begins `start_ms` after the timeline's beginning.
    pub fn span(&mut self, track: Track, name: &str, start_ms: f64, ms: f64) {
        self.trace_events.push(Event {
            name: name.to_owned(),
            cat: track.category(),
            ph: "X",
            ts: start_ms * 1e3,
            dur: Some(ms.max(0.0) * 1e3),
            pid: 1,
            tid: track.id(),
            args: None,
        });
    }

    /// Adds stretches one after the other; returns when the last one ends.
    pub fn sequence<'a>(
        &mut self,
        track: Track,
        start_ms: f64,
        spans: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> f64 {
        let mut at = start_ms;
        for (name, ms) in spans {
            self.span(track, name, at, ms);
            at += ms.max(0.0);
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_a_sequence_follow_each_other() {
        let mut timeline = Timeline::new("f", "cpu");
        let end = timeline.sequence(Track::Host, 1.0, [("passes", 2.0), ("fusion", 0.5)]);
        assert_eq!(end, 3.5);
        let spans: Vec<(f64, Option<f64>)> = timeline
            .trace_events
            .iter()
            .filter(|event| event.ph == "X")
            .map(|event| (event.ts, event.dur))
            .collect();
        assert_eq!(spans, [(1000.0, Some(2000.0)), (3000.0, Some(500.0))]);
    }
}
