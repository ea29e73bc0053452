//! The timeline as a file of the Trace Event Format: every event has the fields that the format asks of its phase.

use ferrodyne::explain::{Timeline, Track};
use serde_json::Value;

fn file() -> Value {
    let mut timeline = Timeline::new("net \"quoted\"", "a device");
    let end =
        timeline.sequence(Track::Host, 0.0, [("capture", 1.5), ("passes", 0.25), ("idle", -1.0)]);
    timeline.sequence(Track::Device, end, [("kernel", 0.125), ("kernel", 0.125)]);
    serde_json::from_str(&serde_json::to_string(&timeline).unwrap()).unwrap()
}

/// What is wrong with an event, by the format's tables of common and phase-specific fields.
fn fault(event: &Value) -> Option<String> {
    let text = |key: &str| event[key].as_str().filter(|text| !text.is_empty());
    let count = |key: &str| event[key].as_u64();
    let time = |key: &str| event[key].as_f64().filter(|us| us.is_finite() && *us >= 0.0);
    let missing = |key: &str| Some(format!("no `{key}` in {event}"));
    for key in ["name", "cat", "ph"] {
        if text(key).is_none() {
            return missing(key);
        }
    }
    for key in ["pid", "tid"] {
        if count(key).is_none() {
            return missing(key);
        }
    }
    match text("ph")? {
        "X" if time("ts").is_none() => missing("ts"),
        "X" if time("dur").is_none() => missing("dur"),
        "X" => None,
        "M" if !["process_name", "thread_name"].contains(&text("name")?) => {
            Some(format!("no such metadata: {event}"))
        }
        "M" if event["args"]["name"].as_str().is_none() => missing("args.name"),
        "M" => None,
        phase => Some(format!("no phase `{phase}`: {event}")),
    }
}

#[test]
fn a_timeline_is_an_object_of_events() {
    let file = file();
    assert!(["ms", "ns"].contains(&file["displayTimeUnit"].as_str().unwrap()));
    let events = file["traceEvents"].as_array().unwrap();
    let faults: Vec<String> = events.iter().filter_map(fault).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(events.iter().filter(|event| event["ph"] == "X").count(), 5);
}

#[test]
fn every_event_stands_on_a_named_thread_of_the_process() {
    let file = file();
    let events = file["traceEvents"].as_array().unwrap();
    let named: Vec<&Value> =
        events.iter().filter(|e| e["name"] == "thread_name").map(|e| &e["tid"]).collect();
    for event in events.iter().filter(|event| event["ph"] == "X") {
        assert!(named.contains(&&event["tid"]), "{event}");
        assert_eq!(event["pid"], events[0]["pid"]);
    }
}

#[test]
fn events_of_a_thread_do_not_overlap() {
    let file = file();
    let mut ends = std::collections::BTreeMap::new();
    for event in file["traceEvents"].as_array().unwrap().iter().filter(|e| e["ph"] == "X") {
        let (start, length) = (event["ts"].as_f64().unwrap(), event["dur"].as_f64().unwrap());
        let end = ends.insert(event["tid"].as_u64(), start + length);
        assert!(end.is_none_or(|end| end <= start), "{event}");
    }
}
