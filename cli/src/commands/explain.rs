//! `ferrodyne explain`: what becomes of a model, stage by stage.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::ExitCode;

use ferrodyne::explain::{Compiled, STAGES};
use serde::Serialize;

use crate::args::Explain;
use crate::values::{self, Failure, Outcome};

#[derive(Debug, Serialize)]
struct Figures {
    nodes: usize,
    nodes_after_passes: usize,
    regions: usize,
    kernels: usize,
    steps: usize,
    weight_steps: usize,
    host_steps: usize,
    peak_bytes: String,
    not_fused: Vec<String>,
    guards: Vec<String>,
}

/// Runs the subcommand.
///
/// # Errors
/// Faults of the model and of the compiler, unknown stages.
pub(crate) fn run(args: &Explain) -> Outcome {
    if let Some(stage) = args.stage.as_deref().filter(|stage| !STAGES.contains(stage)) {
        return Err(Failure::Request(format!(
            "there is no stage `{stage}`; there are: {}",
            STAGES.join(", ")
        )));
    }
    let opened = values::open(&args.model)?;
    let (inputs, note) = values::random_inputs(&opened.model, &args.random)?;
    note.inspect(|note| eprintln!("{note}"));
    let shapes: BTreeMap<String, Vec<usize>> =
        inputs.into_iter().map(|(name, t)| (name, t.dims)).collect();
    let compiled = opened.session.explain(&shapes)?;
    match &args.stage {
        Some(stage) => {
            let text = compiled.text(stage, args.kernel).map_err(Failure::Request)?;
            match args.json {
                true => super::print_json(&text)?,
                false => print!("{text}"),
            }
        }
        None => print_figures(args, &figures(&compiled))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn figures(compiled: &Compiled) -> Figures {
    Figures {
        nodes: compiled.captured.nodes.len(),
        nodes_after_passes: compiled.graph.nodes.len(),
        regions: compiled.regions.regions.len(),
        kernels: compiled.plan.kernels.len(),
        steps: compiled.plan.steps.len(),
        weight_steps: compiled.plan.weight_steps.len(),
        host_steps: 0,
        peak_bytes: compiled.plan.peak_bytes.to_string(),
        not_fused: compiled
            .regions
            .cuts
            .iter()
            .map(|cut| compiled.regions.explain(&compiled.graph, cut))
            .collect(),
        guards: compiled
            .graph
            .guards
            .iter()
            .map(|g| format!("{} ({}, {})", g.fact, g.op, g.source))
            .collect(),
    }
}

fn print_figures(args: &Explain, figures: &Figures) -> Result<(), Failure> {
    if args.json {
        return super::print_json(figures);
    }
    let mut text = String::new();
    let Figures {
        nodes,
        nodes_after_passes,
        regions,
        kernels,
        steps,
        weight_steps,
        host_steps,
        peak_bytes,
        ..
    } = figures;
    let written = writeln!(text, "nodes captured {nodes}, after passes {nodes_after_passes}")
        .and_then(|()| writeln!(text, "regions {regions}, distinct kernels {kernels}"))
        .and_then(|()| {
            writeln!(
                text,
                "steps {steps}, of the weight program {weight_steps}, on the host {host_steps}"
            )
        })
        .and_then(|()| writeln!(text, "peak bytes {peak_bytes}"));
    written.map_err(|error| Failure::Request(error.to_string()))?;
    print!("{text}");
    for guard in &figures.guards {
        println!("guard {guard}");
    }
    for reason in &figures.not_fused {
        println!("not fused {reason}");
    }
    Ok(())
}
