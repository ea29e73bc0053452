//! `bench`: the fields of its JSON.

use super::workshop::{MLP, Workshop};

#[test]
fn the_fields_of_a_benchmark() {
    let workshop = Workshop::new("bench");
    let arguments = ["bench", MLP, "--dim", "batch=2", "--runs", "3", "--device", "cpu", "--json"];
    let run = workshop.run(&arguments);
    assert_eq!((run.code, run.out.lines().count()), (0, 1), "{}{}", run.out, run.err);
    let report: serde_json::Value = serde_json::from_str(&run.out).expect("it is JSON");
    let fields = [
        "capture_ms",
        "compile_ms",
        "weights_ms",
        "pipeline_ms",
        "first_run_ms",
        "kernels",
        "dispatches",
        "host_steps",
        "peak_device_bytes",
        "weight_bytes",
    ];
    for field in fields {
        assert!(report[field].is_number(), "{field}: {report}");
    }
    for field in ["model", "device", "driver", "backend"] {
        assert!(report[field].is_string(), "{field}: {report}");
    }
    let latency = |field: &str| report["latency_ms"][field].as_f64().expect("it is a number");
    assert!(latency("min") <= latency("median") && latency("median") <= latency("p90"));
    assert_eq!((report["device"].as_str(), report["host_steps"].as_u64()), (Some("cpu"), Some(0)));
    let floats = 8 * 4 + 8 + 3 * 8 + 3;
    assert!(report["weight_bytes"].as_u64() >= Some(4 * floats), "{report}");
}

#[test]
fn what_compiles_nothing_takes_no_time_to_compile() {
    let workshop = Workshop::new("bench-eager");
    let arguments = ["bench", MLP, "--device", "cpu", "--runs", "1", "--json", "--backend"];
    for backend in ["eager", "reference"] {
        let run = workshop.run(&[&arguments[..], &[backend]].concat());
        assert!(run.out.contains("\"compile_ms\":0.0,"), "{backend}: {}{}", run.out, run.err);
    }
}
