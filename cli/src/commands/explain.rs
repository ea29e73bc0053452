//! `ferrodyne explain`: what becomes of a model, stage by stage.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use ferrodyne::explain::{Report, STAGES, Timeline, Track};

use crate::args::Explain;
use crate::values::{self, Arrays, Failure, Opened, Outcome};
use crate::whole;

/// The target whose WGSL is shown where the device itself runs none.
const PORTABLE: &str = "webgpu-default";

/// Runs the subcommand.
///
/// # Errors
/// Faults of the model and of the compiler, unknown stages, files that cannot be written.
pub(crate) fn run(args: &Explain) -> Outcome {
    if let Some(stage) = args.stage.as_deref().filter(|stage| !STAGES.contains(stage)) {
        return Err(Failure::Usage(format!(
            "there is no stage `{stage}`; there are: {}",
            STAGES.join(", ")
        )));
    }
    let start = Instant::now();
    let opened = values::open(&args.model)?;
    let capture_ms = start.elapsed().as_secs_f64() * 1e3;
    let (inputs, note) = values::random_inputs(&opened.model, &args.random)?;
    note.inspect(|note| eprintln!("{note}"));
    let shapes: BTreeMap<String, Vec<usize>> =
        inputs.iter().map(|(name, t)| (name.clone(), t.dims.clone())).collect();
    let compiled = match args.stage.as_deref() {
        Some("wgsl") if runs_loops(&opened.session) => {
            eprintln!("`cpu` runs loops, not WGSL: this is for the target `{PORTABLE}`");
            opened.session.explain_for(&shapes, PORTABLE)?
        }
        _ => opened.session.explain(&shapes)?,
    };
    if let Some(stage) = &args.stage {
        let text = compiled.text(stage, args.kernel).map_err(Failure::Request)?;
        match args.json {
            true => super::print_json(&text)?,
            false => crate::stdout::print(format_args!("{text}")),
        }
    }
    let mut report = compiled.report();
    if args.measure || args.trace.is_some() {
        let times = measure(&opened, &inputs)?;
        report = report.measured(&times);
        if let Some(path) = &args.trace {
            let timeline = timeline(&opened, &report, capture_ms, &times);
            let text = serde_json::to_string(&timeline)
                .map_err(|error| Failure::Request(error.to_string()))?;
            write(path, &text)?;
        }
    }
    if let Some(path) = &args.html {
        let mut page = report.clone();
        page.name = title(&args.model.model);
        write(path, &page.to_html(&source_line))?;
    }
    match (&args.stage, args.json) {
        (None, true) => super::print_json(&report)?,
        (None, false) => print(&report),
        (Some(_), _) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// A model by its file and the folder around it: many files are called `model.onnx`.
fn title(model: &Path) -> String {
    let parts: Vec<_> = model.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
    parts.into_iter().rev().filter(|part| part != "/").collect::<Vec<_>>().join("/")
}

/// Times of the model's kernels on its device, after a run that makes everything ready.
fn measure(opened: &Opened, inputs: &Arrays) -> Result<Vec<(String, f64)>, Failure> {
    let tensors = opened.upload(inputs)?;
    let tensors = values::borrowed(&tensors);
    opened.session.run_observed(&tensors, super::progress().as_deref())?;
    opened.session.device().synchronize()?;
    Ok(opened.session.measure(&tensors)?)
}

fn timeline(
    opened: &Opened,
    report: &Report,
    capture_ms: f64,
    times: &[(String, f64)],
) -> Timeline {
    let mut timeline = Timeline::new(&report.name, opened.session.device().name());
    let stages = report.stages.iter().map(|(name, ms)| (name.as_str(), *ms));
    let (compile, run) = opened.session.report().unwrap_or_default();
    let run = run.unwrap_or_default();
    let made = (compile.prepare_ms - run.pipeline_ms).max(0.0);
    let host = std::iter::once(("capture", capture_ms)).chain(stages).chain([
        ("pipelines", run.pipeline_ms),
        ("prepare", made),
        ("weights", run.weights_ms),
    ]);
    let end = timeline.sequence(Track::Host, 0.0, host);
    let kernels = times.iter().map(|(name, ms)| (name.as_str(), *ms));
    timeline.sequence(Track::Device, end, kernels);
    timeline
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    whole::write(path, |partial| std::fs::write(partial, text))
        .map_err(|error| Failure::Request(format!("{}: {error}", path.display())))
}

/// A line of a source file, where it can be read from here.
fn source_line(file: &str, line: u32) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    text.lines().nth(line.checked_sub(1)? as usize).map(str::to_owned)
}

fn print(report: &Report) {
    say!("nodes captured {}, after passes {}", report.nodes_captured, report.nodes.len());
    say!("regions {}, distinct kernels {}", report.regions.len(), report.kernels);
    say!("dispatches {}, of the weight program {}", report.dispatches, report.weight_steps);
    say!("peak bytes {}", report.memory.peak);
    for region in report.regions.iter().filter_map(|region| Some((region, region.ms?))) {
        say!("time {:.3} ms {}", region.1, region.0.name);
    }
    for guard in &report.guards {
        say!("guard {} ({})", guard.text, guard.op);
    }
    for cut in &report.cuts {
        let (from, to) = (&report.nodes[cut.from].label, &report.nodes[cut.to].label);
        say!("not fused {from} -> {to}: {}", cut.reason);
    }
}

/// Whether the code that is asked for is none of WGSL: the CPU executor's, and no target is named.
fn runs_loops(session: &ferrodyne::Session) -> bool {
    session.device().name() == "cpu" && session.options().target.is_none()
}
