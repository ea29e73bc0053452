//! `inspect`, `explain` and `devices`: what they print.

use super::workshop::{EXP, MLP, Workshop, onnx};

const FLOAT: i32 = 1;

#[test]
fn a_model_is_described_as_far_as_it_goes() {
    let workshop = Workshop::new("describe");
    let run = workshop.run(&["inspect", MLP]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    for line in
        ["  input  x: f32[batch, 4]", "  output y: f32[batch, 3]", "operators: Gemm 2, Relu 1"]
    {
        assert!(run.out.contains(line), "{line}: {}", run.out);
    }
    let nodes: &[(&str, &[&str], &str)] = &[("Strange", &["x"], "a"), ("Relu", &["a"], "y")];
    workshop.file("strange.onnx", &onnx(FLOAT, &[2], &["x"], nodes, &["y"]));
    let strange = workshop.run(&["inspect", "strange.onnx"]);
    assert_eq!(strange.code, 1);
    assert!(strange.out.contains("unsupported: ai.onnx.Strange (opset 17) at `a`"));
    workshop.file("exp.fd", EXP.as_bytes());
    let graph = workshop.run(&["inspect", "exp.fd", "--json"]);
    assert!(
        graph.out.contains("{\"name\":\"x\",\"dtype\":\"f32\",\"dims\":[\"n\",4]}"),
        "{}",
        graph.out
    );
}

#[test]
fn every_stage_has_a_text() {
    let workshop = Workshop::new("stages");
    workshop.file("exp.fd", EXP.as_bytes());
    for stage in ["graph", "passes", "regions", "loops", "schedule", "wgsl", "plan"] {
        let run = workshop.run(&["explain", "exp.fd", "--stage", stage, "--device", "cpu"]);
        assert_eq!(run.code, 0, "{stage}: {}", run.err);
        assert!(!run.out.is_empty(), "{stage}");
    }
    let wgsl = ["explain", "exp.fd", "--stage", "wgsl", "--device", "cpu"];
    let wgsl = workshop.run(&wgsl);
    assert!(wgsl.out.contains("@compute"), "{}", wgsl.out);
    assert!(wgsl.err.contains("this is for the target `webgpu-default`"), "{}", wgsl.err);
    let figures = workshop.run(&["explain", "exp.fd", "--device", "cpu"]);
    assert!(figures.out.contains("regions 1, distinct kernels 1"), "{}", figures.out);
    let none = ["explain", "exp.fd", "--stage", "loops", "--kernel", "9", "--device", "cpu"];
    assert!(workshop.run(&none).fault(1).starts_with("there is no kernel 9"));
    assert_eq!(workshop.run(&["explain", "exp.fd", "--kernel", "0"]).code, 2);
}

#[test]
fn options_and_devices_are_listed() {
    let workshop = Workshop::new("lists");
    let devices = workshop.run(&["devices"]);
    assert!(devices.code == 0 && devices.out.lines().any(|line| line == "cpu"), "{}", devices.out);
    let options = workshop.run(&["check", MLP, "--set", "list"]);
    assert_eq!(options.code, 0);
    for option in ["split_k=on|off: ", "layout=nchw|nhwc: ", "tune=on|off: "] {
        assert!(options.out.contains(option), "{option}: {}", options.out);
    }
}
