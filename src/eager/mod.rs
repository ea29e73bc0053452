//! Runs one operator at once, through the same compiler as everything else.
//!
//! A program is made for each operator, element types and pattern of sizes, with the sizes symbolic, so that a new shape
//! compiles nothing. Sizes of 1 stay numbers, since an operator may broadcast them, and sizes that are equal at the call are
//! one symbol; both are part of the key.

mod pattern;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ferrodyne_compiler::graph::{Attr, Attrs, Builder, Graph, GuardFact, InputRole, TensorType};
use ferrodyne_compiler::ops::Table;
use ferrodyne_compiler::pipeline;
use ferrodyne_plan::plan::Sizes;
use ferrodyne_plan::{DType, Diagnostic, Dim, Source};
use ferrodyne_runtime::{Prepared, RunStats};

use crate::compile::{Plans, fact_holds};
use crate::device::Device;
use crate::error::Result;
use crate::tensor::Stored;
use pattern::Pattern;

/// Programs of single operators.
#[derive(Default)]
pub(crate) struct EagerCache(Mutex<HashMap<Pattern, Arc<Entry>>>);

struct Entry {
    program: Program,
    dtype: DType,
    dims: Vec<Dim>,
    /// What was assumed of the sizes.
    guards: Vec<GuardFact>,
}

impl Entry {
    fn serves(&self, sizes: &Sizes) -> bool {
        self.guards.iter().all(|fact| fact_holds(fact, &|dim| sizes.eval(dim).ok()))
    }
}

enum Program {
    /// The result is the operand's buffer under another shape.
    Alias,
    Run(Plans),
}

/// Runs an operator on values.
///
/// # Errors
/// Operands that do not fit; faults of the device.
pub(crate) fn run(
    device: &Device,
    op: &str,
    inputs: &[&Stored],
    attrs: &Attrs,
    source: &Source,
) -> Result<Stored> {
    Ok(entry_run(device, op, inputs, attrs, source)?.0)
}

/// Runs an operator as [`run`] does, and says what that has cost.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_counted(
    device: &Device,
    op: &str,
    inputs: &[&Stored],
    attrs: &Attrs,
    source: &Source,
) -> Result<(Stored, RunStats)> {
    let (value, entry) = entry_run(device, op, inputs, attrs, source)?;
    let stats = match &entry.program {
        Program::Alias => RunStats::default(),
        Program::Run(program) => program.with_last(|plan| plan.stats()),
    };
    Ok((value, stats))
}

fn entry_run(
    device: &Device,
    op: &str,
    inputs: &[&Stored],
    attrs: &Attrs,
    source: &Source,
) -> Result<(Stored, Arc<Entry>)> {
    if let Some((widened, attrs)) = widened(inputs, attrs, source)? {
        return entry_run(device, op, &widened.iter().collect::<Vec<_>>(), &attrs, source);
    }
    let (pattern, sizes) = Pattern::of(op, inputs, attrs);
    let entry = match lookup(device, &pattern) {
        Some(entry) => Some(entry),
        None => match one_op_graph(op, &pattern, &sizes, source) {
            Ok(graph) => Some(make(device, op, pattern.clone(), &graph)?),
            Err(_) => None,
        },
    };
    // What an operator needs of its sizes may hold for some and not for all: they are numbers then.
    let entry = match entry.filter(|entry| entry.serves(&sizes)) {
        Some(entry) => entry,
        None => numbered(device, op, &pattern.at(&sizes), source)?,
    };
    let dims =
        entry.dims.iter().map(|d| sizes.eval(d).map(|v| v as usize)).collect::<Result<Vec<_>, _>>();
    let dims = dims.map_err(ferrodyne_runtime::RuntimeError::from)?;
    let buffer = match &entry.program {
        Program::Alias => inputs[0].buffer.clone(),
        Program::Run(program) => {
            let buffers: Vec<_> = inputs.iter().map(|t| t.buffer.clone()).collect();
            let remade = || prepared(device, &one_op_graph(op, &pattern, &sizes, source)?);
            program.run(&sizes, &buffers, remade)?.swap_remove(0)
        }
    };
    Ok((Stored::new(device, buffer, entry.dtype, dims), entry))
}

/// Operands and attributes in 64 bits, where some integers are held so and others are not: results keep what they are made of.
fn widened(
    inputs: &[&Stored],
    attrs: &Attrs,
    source: &Source,
) -> Result<Option<(Vec<Stored>, Attrs)>> {
    let narrow = |attr: &Attr| *attr == Attr::DType(DType::I64);
    let any = inputs.iter().any(|t| t.held == DType::I64) || attrs.iter().any(|(_, a)| narrow(a));
    if !any || inputs.iter().all(|t| t.held != DType::Long) {
        return Ok(None);
    }
    let operands = inputs.iter().map(|input| widen(input, source)).collect::<Result<Vec<_>>>()?;
    let attrs = attrs.iter().fold(Attrs::new(), |all, (name, attr)| match narrow(attr) {
        true => all.dtype(name, DType::Long),
        false => all.with(name, attr.clone()),
    });
    Ok(Some((operands, attrs)))
}

/// A value with its integers in 64 bits.
///
/// # Errors
/// Faults of the device.
pub(crate) fn widen(value: &Stored, source: &Source) -> Result<Stored> {
    match value.held {
        DType::I64 => {
            let attrs = Attrs::new().dtype("dtype", DType::Long);
            run(&value.device, "cast", &[value], &attrs, source)
        }
        _ => Ok(value.clone()),
    }
}

fn lookup(device: &Device, pattern: &Pattern) -> Option<Arc<Entry>> {
    device.eager().0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get(pattern).cloned()
}

/// The program for sizes that are numbers.
fn numbered(device: &Device, op: &str, pattern: &Pattern, source: &Source) -> Result<Arc<Entry>> {
    match lookup(device, pattern) {
        Some(entry) => Ok(entry),
        None => {
            let graph = one_op_graph(op, pattern, &Sizes::default(), source)?;
            make(device, op, pattern.clone(), &graph)
        }
    }
}

fn make(device: &Device, op: &str, pattern: Pattern, graph: &Graph) -> Result<Arc<Entry>> {
    let ty = graph.ty(graph.outputs[0].node).clone();
    let program = match op {
        "reshape" => Program::Alias,
        _ => Program::Run(Plans::new(graph, prepared(device, graph)?)),
    };
    let guards = graph.guards.iter().map(|guard| guard.fact.clone()).collect();
    let entry = Arc::new(Entry { program, dtype: ty.dtype, dims: ty.dims, guards });
    let mut cache = device.eager().0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    Ok(cache.entry(pattern).or_insert(entry).clone())
}

fn prepared(device: &Device, graph: &Graph) -> Result<Box<dyn Prepared>> {
    let compiled = pipeline::compile(graph, device.target(), &pipeline::Options::default())?;
    Ok(device.backend().prepare(Arc::new(compiled.plan), None)?)
}

fn one_op_graph(
    op: &str,
    pattern: &Pattern,
    sizes: &Sizes,
    source: &Source,
) -> Result<Graph, Diagnostic> {
    let mut builder = Builder::new(op, &Table);
    for (symbol, range) in pattern.symbols() {
        let hint = sizes.get(&symbol);
        builder.symbol(symbol, range, hint);
    }
    builder.set_source(source.clone());
    let names = ["x", "y", "z"];
    let mut nodes = Vec::new();
    for (index, (dtype, dims)) in pattern.inputs().iter().enumerate() {
        let name = names.get(index).map_or_else(|| format!("x{index}"), |n| (*n).to_owned());
        nodes.push(builder.input(
            name,
            InputRole::Argument,
            TensorType { dtype: *dtype, dims: dims.clone() },
        ));
    }
    let node = builder.add(op, &nodes, pattern.attrs().clone())?;
    builder.output("y", node);
    Ok(builder.finish())
}
