//! From a decoded file to a graph with its weights.
//!
//! Comes in: a model as decoded. Goes out: a graph over the compiler's operators in which declared sizes are symbols and shape
//! arithmetic is gone, and the weights in the order of its parameters. Unsupported nodes are found before anything is built.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ferrodyne_compiler::graph::{Builder, Graph, InputRole, TensorType};
use ferrodyne_compiler::ops::Table;
use ferrodyne_plan::{DType, Diagnostic, Dim, HostTensor, Name, Source};

use crate::context::Cx;
use crate::declare;
use crate::error::OnnxError;
use crate::flatten::{self, Step};
use crate::ops;
use crate::proto::{GraphProto, ModelProto, SparseTensorProto, TensorProto, ValueInfoProto};
use crate::read::{self, Origin};
use crate::scope::Scope;
use crate::tensor::{self, Element};
use crate::value::Value;

/// A model ready to be compiled.
#[derive(Clone, Debug)]
pub struct OnnxModel {
    /// The graph. Arguments have the names of the file's inputs, parameters those of its initialisers.
    pub graph: Graph,
    /// Values of the graph's parameters, in the order of its inputs.
    pub weights: Vec<HostTensor>,
    /// Names of the inputs and outputs that the file declares as 64-bit floats. The graph computes them in 32 bits.
    pub doubles: BTreeSet<String>,
    /// Outputs whose first axis is longer than what was computed, each with the output of the graph that holds the number of entries
    /// to keep. Those numbers are outputs of the graph alone, behind the outputs of the file.
    pub lengths: Vec<(String, String)>,
    /// What the user should know: conversions of element types, unknown versions.
    pub warnings: Vec<String>,
    /// Version of the standard operators.
    pub opset: i64,
    /// Program that wrote the file, with its version.
    pub producer: String,
}

/// Reads a model from a file, with its external data beside it.
///
/// # Errors
/// A file that cannot be read or is malformed; operators that are not known, all of them at once; nodes that do not fit.
pub fn load(path: &Path) -> Result<OnnxModel, OnnxError> {
    let (bytes, origin) = read::file(path)?;
    model(&origin.decode(&bytes)?, &origin)
}

/// Reads a model from bytes; `name` stands for the file in messages.
///
/// # Errors
/// As [`load`]; external data cannot be read.
pub fn import(bytes: &[u8], name: &str) -> Result<OnnxModel, OnnxError> {
    let origin = Origin::bytes(name);
    model(&origin.decode(bytes)?, &origin)
}

/// The state of an import.
pub(crate) struct Importer {
    /// The graph so far: the innermost of those that are being built.
    pub(crate) b: Builder,
    /// Values of its parameters.
    pub(crate) weights: Vec<HostTensor>,
    /// Warnings so far, each once.
    pub(crate) warnings: Vec<String>,
    /// Where the file is.
    pub(crate) origin: Origin,
    /// Names, those of the innermost graph of the file last.
    pub(crate) values: Vec<BTreeMap<String, Value>>,
    /// What the innermost graph has of the graphs around it.
    pub(crate) scope: Scope,
    /// The graphs around it, the outermost first.
    pub(crate) around: Vec<(Builder, Scope)>,
    /// How often the present graph of the file is imported, where loops around it are written out.
    pub(crate) repeats: usize,
    doubles: BTreeSet<String>,
    lengths: Vec<(String, String)>,
}

impl Importer {
    /// The value of a name, from the innermost graph that has it.
    pub(crate) fn named(&self, name: &str) -> Option<&Value> {
        self.values.iter().rev().find_map(|values| values.get(name))
    }

    /// Names a value in the innermost graph; gives what had the name there.
    pub(crate) fn set(&mut self, name: &str, value: Value) -> Option<Value> {
        self.values.last_mut()?.insert(name.to_owned(), value)
    }

    /// Notes something for the user, once.
    pub(crate) fn warn(&mut self, text: String) {
        if !self.warnings.contains(&text) {
            self.warnings.push(text);
        }
    }

    /// Tells that 64-bit floats are computed in 32 bits.
    pub(crate) fn warn_of_doubles(&mut self) {
        let text = format!("{}: 64-bit floats are computed in 32 bits", self.origin.name);
        self.warn(text);
    }

    fn input(
        &mut self,
        info: &ValueInfoProto,
        symbols: &BTreeSet<String>,
    ) -> Result<(), OnnxError> {
        let fault = |origin: &Origin, rule: String| {
            origin.malformed(format!("input `{}`: {rule}", info.name))
        };
        let (code, dims) = declare::argument(info, symbols).map_err(|e| fault(&self.origin, e))?;
        let dtype = Element::dtype_of(code).map_err(|e| fault(&self.origin, e))?;
        if code == Element::DOUBLE {
            self.warn_of_doubles();
            self.doubles.insert(info.name.clone());
        }
        if !is_addressable(&dims) {
            return Err(fault(&self.origin, too_large(&dims)));
        }
        for var in dims.iter().flat_map(|dim| dim.vars()) {
            self.b.symbol(var.name().clone(), declare::RANGE, None);
        }
        if self.named(&info.name).is_some() {
            return Err(fault(&self.origin, "the name is used twice".to_owned()));
        }
        let ty = TensorType { dtype, dims };
        let node = self.b.input(info.name.as_str(), InputRole::Argument, ty);
        let value = Value::node(self, node);
        self.set(&info.name, value);
        Ok(())
    }

    pub(crate) fn initialisers(
        &mut self,
        tensors: &[TensorProto],
        sparse: &[SparseTensorProto],
    ) -> Result<(), OnnxError> {
        if let Some(sparse) = sparse.first() {
            let name = sparse.values.as_ref().map_or("", |values| values.name.as_str());
            let rule = format!("sparse tensor `{name}` is not supported: store it densely");
            return Err(self.origin.malformed(rule));
        }
        for proto in tensors {
            if proto.data_type == Some(Element::DOUBLE) {
                self.warn_of_doubles();
            }
            let host = tensor::host(proto, &self.origin).map_err(|rule| {
                self.origin.malformed(format!("tensor `{}`: {rule}", proto.name))
            })?;
            let value = Value::constant(&proto.name, host);
            if self.set(&proto.name, value).is_some() {
                let rule = format!("tensor `{}`: the name is used twice", proto.name);
                return Err(self.origin.malformed(rule));
            }
        }
        Ok(())
    }

    fn source(&self, step: &Step) -> Source {
        let file = Some(Name::from(self.origin.name.as_str()));
        Source { file, line: 0, module: Some(Name::from(step.name())) }
    }

    /// Imports one node and names its results.
    pub(crate) fn node(&mut self, step: &Step) -> Result<(), OnnxError> {
        self.b.set_source(self.source(step));
        let node = &step.node;
        let mut inputs = Vec::new();
        for name in &node.input {
            inputs.push(match name.as_str() {
                "" => None,
                name => Some(self.named(name).cloned().ok_or_else(|| {
                    let rule = format!("node `{}` uses `{name}`, which nothing makes", step.name());
                    self.origin.malformed(rule)
                })?),
            });
        }
        let is_part = |value: &Option<Value>| value.as_ref().is_some_and(|v| v.length().is_some());
        if let Some(k) = inputs.iter().position(is_part)
            && node.op_type != "Identity"
        {
            return Err(self.of_unknown_length(&node.op_type, &node.input[k]).into());
        }
        let before = self.b.graph().nodes.len();
        let Some(row) = ops::find(&node.domain, &node.op_type, step.opset) else {
            return Err(OnnxError::Unsupported {
                file: self.origin.name.clone(),
                nodes: vec![step.unsupported()],
            });
        };
        let (bodies, opset) = (&step.bodies[..], step.opset);
        let results = row.import(&mut Cx { m: self, node, bodies, inputs, opset })?;
        for (k, name) in node.output.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let Some(value) = results.get(k) else {
                let rule = format!("{}: result {k} (`{name}`) is not supported", node.op_type);
                let fault = Diagnostic::new("unsupported", rule).at(self.b.source().clone());
                return Err(fault.into());
            };
            if !is_addressable(value.dims()) {
                let rule = format!("result `{name}`: {}", too_large(value.dims()));
                let rule = format!("{}: {rule}", node.op_type);
                return Err(Diagnostic::new("onnx", rule).at(self.b.source().clone()).into());
            }
            if let Some(made) = value.made(self).filter(|made| made.index() >= before)
                && self.b.graph().node(made).name.is_none()
            {
                self.b.name(made, name.as_str());
            }
            self.set(name, value.clone());
        }
        Ok(())
    }

    /// The fault of reading a value of which only the model's run says how much of it there is.
    pub(crate) fn of_unknown_length(&self, op: &str, name: &str) -> Diagnostic {
        let text = format!(
            "{op}: `{name}` has as many entries as a loop makes trips, which depends on data: that is supported of \
             outputs of the model alone; give the loop a trip count that is constant or a size, and a condition that is always true"
        );
        Diagnostic::new("unsupported", text).at(self.b.source().clone())
    }

    fn outputs(&mut self, graph: &GraphProto) -> Result<(), OnnxError> {
        self.b.set_source(Source::unknown());
        for info in declare::results(graph) {
            let value = self.named(&info.name).cloned().ok_or_else(|| {
                self.origin.malformed(format!("nothing makes the output `{}`", info.name))
            })?;
            if let Some(declared) = declare::contradicted(info, value.dtype()) {
                let got = value.dtype();
                let rule =
                    format!("output `{}` is declared as {declared}, but is {got}", info.name);
                return Err(self.origin.malformed(rule));
            }
            if declare::is_double(info) && value.dtype() == DType::F32 {
                self.warn_of_doubles();
                self.doubles.insert(info.name.clone());
            }
            let node = value.on_graph(self)?;
            self.b.output(info.name.as_str(), node);
        }
        self.lengths(graph)
    }

    /// Outputs for the lengths of those outputs of which only a part counts.
    fn lengths(&mut self, graph: &GraphProto) -> Result<(), OnnxError> {
        for info in declare::results(graph) {
            let value = self.named(&info.name).cloned();
            let Some(length) = value.as_ref().and_then(Value::length) else { continue };
            let node = length.on_graph(self)?;
            let mut name = format!("{}.length", info.name);
            while self.b.graph().outputs.iter().any(|output| output.name.as_str() == name) {
                name.push('_');
            }
            self.b.output(name.as_str(), node);
            self.lengths.push((info.name.clone(), name));
        }
        Ok(())
    }
}

/// Whether positions in a value of this shape fit in 32 bits, as far as its sizes are fixed.
fn is_addressable(dims: &[Dim]) -> bool {
    let fixed = dims.iter().filter_map(Dim::as_const);
    let count = fixed.clone().try_fold(1i64, |n, size| n.checked_mul(size));
    fixed.clone().any(|size| size == 0) || count.is_some_and(|n| n <= i64::from(i32::MAX))
}

fn too_large(dims: &[Dim]) -> String {
    let dims: Vec<String> = dims.iter().map(ToString::to_string).collect();
    format!("the shape [{}] has more than {} elements", dims.join(", "), i32::MAX)
}

pub(crate) fn model(proto: &ModelProto, origin: &Origin) -> Result<OnnxModel, OnnxError> {
    let empty = GraphProto::default();
    let graph = proto.graph.as_ref().unwrap_or(&empty);
    let steps = flatten::steps(proto).map_err(|rule| origin.malformed(rule))?;
    let all = steps.iter().flat_map(Step::all);
    let nodes: Vec<_> = all.filter(|s| !s.is_supported()).map(Step::unsupported).collect();
    if !nodes.is_empty() {
        return Err(OnnxError::Unsupported { file: origin.name.clone(), nodes });
    }
    let name = if graph.name.is_empty() { "main" } else { &graph.name };
    let mut importer = Importer {
        b: Builder::new(name, &Table),
        weights: Vec::new(),
        warnings: Vec::new(),
        origin: origin.clone(),
        values: vec![BTreeMap::new()],
        scope: Scope::default(),
        around: Vec::new(),
        repeats: 1,
        doubles: BTreeSet::new(),
        lengths: Vec::new(),
    };
    let opset = flatten::opset(&proto.opset_import, "");
    if opset > ops::NEWEST_OPSET {
        importer.warn(format!(
            "{}: opset {opset} is newer than {}, the newest that is known",
            origin.name,
            ops::NEWEST_OPSET
        ));
    }
    let symbols = declare::symbols(graph);
    for info in declare::arguments(graph) {
        importer.input(info, &symbols)?;
    }
    importer.initialisers(&graph.initializer, &graph.sparse_initializer)?;
    for step in &steps {
        importer.node(step)?;
    }
    importer.outputs(graph)?;
    let Importer { b, weights, warnings, doubles, lengths, .. } = importer;
    let producer = format!("{} {}", proto.producer_name, proto.producer_version);
    let producer = producer.trim().to_owned();
    Ok(OnnxModel { graph: b.finish(), weights, doubles, lengths, warnings, opset, producer })
}
