//! `ferrodyne inspect`: inputs, outputs, element types, operators, and all unsupported nodes.

use std::collections::BTreeMap;
use std::process::ExitCode;

use ferrodyne::{Model, ValueInfo};
use serde::Serialize;

use crate::args::Inspect;
use crate::values::{Failure, Outcome};

#[derive(Debug, Serialize)]
struct Report {
    model: String,
    producer: String,
    opset: i64,
    inputs: Vec<Value>,
    outputs: Vec<Value>,
    operators: BTreeMap<String, usize>,
    unsupported: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Value {
    name: String,
    dtype: String,
    dims: Vec<Size>,
}

/// A size of a tensor: a number, or a name or an expression of names.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Size {
    Fixed(i64),
    Symbolic(String),
}

impl Size {
    fn of(size: impl std::fmt::Display) -> Size {
        let text = size.to_string();
        text.parse().map_or(Size::Symbolic(text), Size::Fixed)
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Size::Fixed(size) => size.fmt(f),
            Size::Symbolic(size) => size.fmt(f),
        }
    }
}

/// Runs the subcommand. A model with unsupported nodes is described as far as it goes, and the exit code says so.
///
/// # Errors
/// Faults of the file.
pub(crate) fn run(args: &Inspect) -> Outcome {
    let is_text = args.model.extension().is_some_and(|e| e == "fd");
    let report = if is_text { of_graph(args)? } else { of_onnx(args)? };
    match args.json {
        true => super::print_json(&report)?,
        false => print(&report),
    }
    match report.unsupported.is_empty() {
        true => Ok(ExitCode::SUCCESS),
        false => Ok(ExitCode::FAILURE),
    }
}

fn of_graph(args: &Inspect) -> Result<Report, Failure> {
    let model = Model::load(&args.model)?;
    let mut operators = BTreeMap::new();
    for node in model.graph().nodes.iter().filter(|node| node.op.as_ref() != "input") {
        *operators.entry(node.op.to_string()).or_default() += 1;
    }
    let value = |info: &ValueInfo| Value {
        name: info.name.clone(),
        dtype: info.dtype.to_string(),
        dims: info.dims.iter().map(Size::of).collect(),
    };
    Ok(Report {
        model: args.model.display().to_string(),
        producer: "ferrodyne".to_owned(),
        opset: 0,
        inputs: model.inputs().iter().map(value).collect(),
        outputs: model.outputs().iter().map(value).collect(),
        operators,
        unsupported: Vec::new(),
    })
}

fn of_onnx(args: &Inspect) -> Result<Report, Failure> {
    let found = ferrodyne::onnx::inspect(&args.model)?;
    let value = |info: &ferrodyne::onnx::DeclaredValue| Value {
        name: info.name.clone(),
        dtype: dtype_name(&info.dtype).to_owned(),
        dims: info.dims.iter().map(Size::of).collect(),
    };
    Ok(Report {
        model: args.model.display().to_string(),
        producer: found.producer,
        opset: found.opset,
        inputs: found.inputs.iter().map(value).collect(),
        outputs: found.outputs.iter().map(value).collect(),
        operators: found.operators.into_iter().map(|o| (o.op, o.count)).collect(),
        unsupported: found.unsupported.iter().map(ToString::to_string).collect(),
    })
}

/// The name of an element type of ONNX as the other subcommands write it; those that are not supported keep theirs.
fn dtype_name(onnx: &str) -> &str {
    match onnx {
        "float" => "f32",
        "double" => "f64",
        "float16" => "f16",
        "bfloat16" => "bf16",
        "int64" => "i64",
        "int32" => "i32",
        "uint32" => "u32",
        "int8" => "i8",
        "uint8" => "u8",
        other => other,
    }
}

fn print(report: &Report) {
    say!("{} (producer {}, opset {})", report.model, report.producer, report.opset);
    for (word, values) in [("input ", &report.inputs), ("output", &report.outputs)] {
        for value in values {
            say!("  {word} {}: {}", value.name, super::type_text(&value.dtype, &value.dims));
        }
    }
    let counts: Vec<_> = report.operators.iter().map(|(op, n)| format!("{op} {n}")).collect();
    say!("  operators: {}", counts.join(", "));
    for node in &report.unsupported {
        say!("  unsupported: {node}");
    }
}
