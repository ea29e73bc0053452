//! The topics of `FERRODYNE_LOG`, each by its bare name.

use std::sync::{Arc, Mutex};

use ferrodyne::logging::{TOPICS, subscriber};
use ferrodyne::prelude::*;

/// A function that compiles, and compiles again, and another that breaks its graph. Their names are of this call alone, so that no
/// other test has compiled them.
fn compile_twice_and_break(name: &str) {
    let device = Device::cpu();
    let ones = |n: usize| Tensor::ones([n, 8], &device);
    let f = compile(|x: &Tensor| (x + 0.0).softmax(0).matmul(&x.t())).named(&format!("f_{name}"));
    f.call(&ones(4)).unwrap();
    f.call(&ones(5)).unwrap();
    let g = compile(|x: &Tensor| x * x.sum().item::<f32>().unwrap()).named(&format!("g_{name}"));
    g.call(&ones(2)).unwrap();
}

/// What a filter prints meanwhile.
fn lines(filter: &str) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = lines.clone();
    // A place that logs for the first time, in whichever test, while a subscriber is made may miss it: all have logged before.
    compile_twice_and_break(&format!("first_{filter}"));
    let logger = subscriber(filter, move |line| sink.lock().unwrap().push(line.to_owned()));
    tracing::subscriber::with_default(logger, || compile_twice_and_break(filter));
    std::mem::take(&mut lines.lock().unwrap())
}

/// The lines of one topic alone.
fn of(topic: &str) -> Vec<String> {
    let lines = lines(topic);
    assert!(lines.iter().all(|line| line.starts_with(&format!("{topic}: "))), "{lines:?}");
    lines
}

fn has(lines: &[String], parts: &[&str]) {
    for part in parts {
        assert!(lines.iter().any(|line| line.contains(part)), "no `{part}` in {lines:#?}");
    }
}

#[test]
fn guards_are_told_for_each_program() {
    has(
        &of("guards"),
        &[
            "guards: `f_guards`: x0.dim(0) == 4",
            "`f_guards`: x0.dim(1) == 8",
            "`f_guards`: x0.dim(0) in 0..",
        ],
    );
}

#[test]
fn recompiles_name_the_guard_that_failed() {
    has(&of("recompiles"), &["x0's dim 0 was 4, and is 5"]);
}

#[test]
fn breaks_name_the_line() {
    has(&of("breaks"), &["`g_breaks`: graph break: reading needs a tensor's value", "logging.rs:"]);
}

#[test]
fn passes_show_the_graph_before_and_after() {
    has(&of("passes"), &["`f_passes` as captured:\ngraph f_passes(", "`f_passes` after `"]);
}

#[test]
fn fusion_tells_regions_and_reasons() {
    has(&of("fusion"), &["`f_fusion`:\n", "contraction"]);
}

#[test]
fn plan_tells_buffers_and_steps() {
    has(&of("plan"), &["`f_plan`:\nplan f_plan", "peak"]);
}

#[test]
fn perf_tells_times_of_stages() {
    has(&of("perf"), &["`f_perf`: passes ", "fusion ", "kernels ready after "]);
}

#[test]
fn wgsl_tells_the_code_of_kernels() {
    assert!(of("wgsl").is_empty(), "the CPU executor runs loops");
    let Ok(device) = Device::named("gpu") else {
        eprintln!("skipped the code of kernels: no adapter");
        return;
    };
    let text = Arc::new(Mutex::new(String::new()));
    let sink = text.clone();
    let logger = subscriber("wgsl", move |line| sink.lock().unwrap().push_str(line));
    tracing::subscriber::with_default(logger, || {
        compile(|x: &Tensor| x.sin()).named("wave").call(&Tensor::ones([4], &device)).unwrap();
    });
    let text = text.lock().unwrap();
    assert!(text.starts_with("wgsl: `wave`, kernel `") && text.contains("fn "), "{text}");
}

#[test]
fn several_topics_levels_and_all_of_them() {
    let both = lines("guards,recompiles");
    has(&both, &["guards: ", "recompiles: "]);
    assert!(both.iter().all(|line| line.starts_with("guards") || line.starts_with("recompiles")));
    assert!(lines("guards=warn").is_empty(), "guards are told at a lower level");
    let all = lines("all");
    for (topic, _) in TOPICS.iter().filter(|(topic, _)| *topic != "wgsl") {
        has(&all, &[&format!("{topic}: ")]);
    }
    assert!(lines("nothing").is_empty());
}
