//! What a file holds, as plain data: for those who want to look before they compile.

use std::path::Path;

use indexmap::IndexMap;

use crate::declare;
use crate::error::{OnnxError, UnsupportedNode};
use crate::flatten::{self, Step};
use crate::import;
use crate::proto::{GraphProto, ModelProto, ValueInfoProto};
use crate::read::{self, Origin};
use crate::tensor::Element;

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Name of the graph.
    pub name: String,
    /// Program that wrote the file, with its version.
    pub producer: String,
    /// Version of the file format.
    pub ir_version: i64,
    /// Version of the standard operators.
    pub opset: i64,
    /// Domains and their versions, as the file imports them.
    pub domains: Vec<(String, i64)>,
    /// Inputs that are no initialisers.
    pub inputs: Vec<DeclaredValue>,
    /// Results.
    pub outputs: Vec<DeclaredValue>,
    /// Number of initialisers.
    pub initialisers: usize,
    /// Number of elements in all initialisers.
    pub parameters: u64,
    /// Operators with the number of their nodes, the most frequent first.
    pub operators: Vec<OperatorCount>,
    /// All nodes that cannot be imported.
    pub unsupported: Vec<UnsupportedNode>,
}

/// An input or a result as the file declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredValue {
    /// Name.
    pub name: String,
    /// Element type by its name in ONNX.
    pub dtype: String,
    /// Sizes: numbers, names and expressions of names.
    pub dims: Vec<String>,
}

/// An operator and how often it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorCount {
    /// Domain; empty for the standard operators.
    pub domain: String,
    /// Operator.
    pub op: String,
    /// Number of its nodes.
    pub count: usize,
}

/// Looks into a file.
///
/// # Errors
/// A file that cannot be read or is malformed. Unsupported operators are no error here.
pub fn inspect(path: &Path) -> Result<Inspection, OnnxError> {
    let (bytes, origin) = read::file(path)?;
    of_model(&origin.decode(&bytes)?, &origin)
}

fn value(info: &ValueInfoProto) -> DeclaredValue {
    let tensor = info.r#type.as_ref().and_then(|ty| ty.tensor_type.as_ref());
    let element = tensor.and_then(|t| Element::of(t.elem_type.unwrap_or(0)));
    let dtype = element.map_or("no tensor", |e| e.name).to_owned();
    DeclaredValue { name: info.name.clone(), dtype, dims: declare::declared(info) }
}

/// The results. What the file does not say of them is what their import gives, if it can be imported.
fn results(model: &ModelProto, graph: &GraphProto, origin: &Origin) -> Vec<DeclaredValue> {
    let whole = declare::results(graph).all(declare::has_type);
    let imported = if whole { None } else { import::model(model, origin).ok() };
    let inferred = |info: &ValueInfoProto| {
        let graph = &imported.as_ref().filter(|_| !declare::has_type(info))?.graph;
        let output = graph.outputs.iter().find(|output| output.name.as_str() == info.name)?;
        let ty = graph.node(output.node).ty();
        let dtype = Element::of(Element::code_of(ty.dtype))?.name.to_owned();
        let dims = ty.dims.iter().map(ToString::to_string).collect();
        Some(DeclaredValue { name: info.name.clone(), dtype, dims })
    };
    declare::results(graph).map(|info| inferred(info).unwrap_or_else(|| value(info))).collect()
}

fn of_model(model: &ModelProto, origin: &Origin) -> Result<Inspection, OnnxError> {
    let empty = GraphProto::default();
    let graph = model.graph.as_ref().unwrap_or(&empty);
    let steps = flatten::steps(model).map_err(|rule| origin.malformed(rule))?;
    let mut counts: IndexMap<(String, String), usize> = IndexMap::new();
    let all = || steps.iter().flat_map(Step::all);
    for step in all() {
        *counts.entry((step.node.domain.clone(), step.node.op_type.clone())).or_default() += 1;
    }
    let mut operators: Vec<OperatorCount> = counts
        .into_iter()
        .map(|((domain, op), count)| OperatorCount { domain, op, count })
        .collect();
    operators.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.op.cmp(&b.op)));
    let elements = |dims: &[i64]| {
        dims.iter().try_fold(1u64, |n, &d| n.checked_mul(u64::try_from(d).ok()?)).unwrap_or(0)
    };
    let producer = format!("{} {}", model.producer_name, model.producer_version);
    Ok(Inspection {
        name: graph.name.clone(),
        producer: producer.trim().to_owned(),
        ir_version: model.ir_version.unwrap_or(0),
        opset: flatten::opset(&model.opset_import, ""),
        domains: model
            .opset_import
            .iter()
            .map(|import| (import.domain.clone(), import.version.unwrap_or(0)))
            .collect(),
        inputs: declare::arguments(graph).map(value).collect(),
        outputs: results(model, graph, origin),
        initialisers: graph.initializer.len(),
        parameters: graph.initializer.iter().fold(0, |n, t| n.saturating_add(elements(&t.dims))),
        operators,
        unsupported: all().filter(|s| !s.is_supported()).map(Step::unsupported).collect(),
    })
}
