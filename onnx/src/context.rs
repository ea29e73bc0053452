//! What the import of one node sees: its operands, its attributes, and the graph that it adds to.

use ferrodyne_compiler::graph::{Attrs, Guard, GuardFact, NodeId};
use ferrodyne_plan::{DType, Diagnostic, Dim, Facts, HostTensor, Name, Proof, Range};

use crate::flatten::Body;
use crate::import::Importer;
use crate::known::Known;
use crate::proto::{AttributeProto, NodeProto};
use crate::tensor;
use crate::value::Value;

/// The results of a node.
pub(crate) type Results = Result<Vec<Value>, Diagnostic>;

/// One node being imported.
pub(crate) struct Cx<'a> {
    /// The import.
    pub(crate) m: &'a mut Importer,
    /// The node.
    pub(crate) node: &'a NodeProto,
    /// The graphs in its attributes.
    pub(crate) bodies: &'a [Body],
    /// Its operands; none for one that is absent.
    pub(crate) inputs: Vec<Option<Value>>,
    /// Version of the operator set.
    pub(crate) opset: i64,
}

impl<'a> Cx<'a> {
    /// A fault of the node.
    pub(crate) fn fault(&self, rule: impl std::fmt::Display) -> Diagnostic {
        let text = format!("{}: {rule}", self.node.op_type);
        Diagnostic::new("onnx", text).at(self.m.b.source().clone())
    }

    /// A use of the operator that is not supported.
    pub(crate) fn unsupported(&self, what: impl std::fmt::Display) -> Diagnostic {
        let text = format!("{}: {what} is not supported", self.node.op_type);
        Diagnostic::new("unsupported", text).at(self.m.b.source().clone())
    }

    /// The fault of an operand that must be known when the file is read, but is computed from the values of inputs.
    pub(crate) fn data_fault(&self, k: usize, what: &str) -> Diagnostic {
        let name = self.node.input.get(k).map_or("", String::as_str);
        let op = &self.node.op_type;
        let text = format!(
            "{op}: {what} (operand {k}) that is computed from data is not supported; \
             store `{name}` as an initialiser of the file"
        );
        Diagnostic::new("unsupported", text).at(self.m.b.source().clone())
    }

    /// The fault of an operand that must be a number, but depends on symbolic sizes.
    fn sizes_fault(&self, k: usize, what: &str) -> Diagnostic {
        let name = self.node.input.get(k).map_or("", String::as_str);
        let op = &self.node.op_type;
        let text = format!(
            "{op}: {what} (operand {k}) that is not constant is not supported; \
             declare the inputs that `{name}` depends on with fixed sizes"
        );
        Diagnostic::new("unsupported", text).at(self.m.b.source().clone())
    }

    /// What is known of sizes.
    pub(crate) fn facts(&self) -> &Facts {
        &self.m.b.graph().facts
    }

    /// An operand that may be absent.
    pub(crate) fn maybe(&self, k: usize) -> Option<Value> {
        self.inputs.get(k).cloned().flatten()
    }

    /// An operand.
    pub(crate) fn value(&self, k: usize) -> Result<Value, Diagnostic> {
        self.maybe(k).ok_or_else(|| self.fault(format_args!("operand {k} is missing")))
    }

    /// An operand's node.
    pub(crate) fn x(&mut self, k: usize) -> Result<NodeId, Diagnostic> {
        let value = self.value(k)?;
        value.on_graph(self.m)
    }

    /// The nodes of all operands.
    pub(crate) fn all(&mut self) -> Result<Vec<NodeId>, Diagnostic> {
        (0..self.inputs.len()).map(|k| self.x(k)).collect()
    }

    /// What is known of an operand.
    pub(crate) fn known(&self, k: usize) -> Option<Known> {
        self.maybe(k)?.as_known().cloned()
    }

    /// The sizes in an operand that must be known; none where it is absent.
    pub(crate) fn sizes(&self, k: usize, what: &str) -> Result<Option<Vec<Dim>>, Diagnostic> {
        if self.maybe(k).is_none() {
            return Ok(None);
        }
        let sizes = self.known(k).and_then(|known| known.as_sizes());
        sizes.map(Some).ok_or_else(|| self.data_fault(k, what))
    }

    /// The integers in an operand that must be constant; none where it is absent.
    pub(crate) fn integers(&self, k: usize, what: &str) -> Result<Option<Vec<i64>>, Diagnostic> {
        let Some(sizes) = self.sizes(k, what)? else { return Ok(None) };
        let all: Option<Vec<i64>> = sizes.iter().map(Dim::as_const).collect();
        all.map(Some).ok_or_else(|| self.sizes_fault(k, what))
    }

    /// The numbers in an operand that must be constant; none where it is absent.
    pub(crate) fn numbers(&self, k: usize, what: &str) -> Result<Option<Vec<f64>>, Diagnostic> {
        if self.maybe(k).is_none() {
            return Ok(None);
        }
        let numbers = self.known(k).and_then(|known| known.as_numbers());
        let missing = || match self.known(k) {
            Some(_) => self.sizes_fault(k, what),
            None => self.data_fault(k, what),
        };
        numbers.map(Some).ok_or_else(missing)
    }

    fn attribute(&self, name: &str) -> Option<&AttributeProto> {
        self.node.attribute.iter().find(|a| a.name == name)
    }

    /// A graph attribute.
    pub(crate) fn body(&self, name: &str) -> Result<&'a Body, Diagnostic> {
        let found = self.bodies.iter().find(|body| body.attribute == name);
        found.ok_or_else(|| self.fault(format_args!("the graph `{name}` is missing")))
    }

    /// An integer attribute.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        // Proto3 writers leave out zeros, so a named attribute without a value is 0.
        self.attribute(name).map(|a| a.i.unwrap_or(0))
    }

    /// A truth value held as an integer attribute; false where it is absent.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.int(name).unwrap_or(0) != 0
    }

    /// A number attribute.
    pub(crate) fn float(&self, name: &str) -> Option<f64> {
        self.attribute(name).map(|a| f64::from(a.f.unwrap_or(0.0)))
    }

    /// An integers attribute.
    pub(crate) fn ints(&self, name: &str) -> Option<Vec<i64>> {
        self.attribute(name).map(|a| a.ints.clone())
    }

    /// A numbers attribute.
    pub(crate) fn floats(&self, name: &str) -> Option<Vec<f64>> {
        self.attribute(name).map(|a| a.floats.iter().map(|&v| f64::from(v)).collect())
    }

    /// A text attribute.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let bytes = self.attribute(name)?.s.as_deref().unwrap_or_default();
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    /// A texts attribute; none where it is absent.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let all = self.attribute(name).map(|a| &a.strings[..]).unwrap_or_default();
        all.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    /// A tensor attribute.
    pub(crate) fn tensor(&mut self, name: &str) -> Result<Option<HostTensor>, Diagnostic> {
        let Some(proto) = self.attribute(name).and_then(|a| a.t.as_ref()) else { return Ok(None) };
        let is_double = proto.data_type == Some(tensor::Element::DOUBLE);
        let host = tensor::host(proto, &self.m.origin)
            .map_err(|rule| self.fault(format_args!("attribute `{name}`: {rule}")))?;
        if is_double {
            self.m.warn_of_doubles();
        }
        Ok(Some(host))
    }

    /// The element type of a number in the file.
    pub(crate) fn dtype(&mut self, code: i64) -> Result<DType, Diagnostic> {
        let code = i32::try_from(code).unwrap_or(-1);
        if code == tensor::Element::DOUBLE {
            self.m.warn_of_doubles();
        }
        tensor::Element::dtype_of(code).map_err(|rule| self.fault(rule))
    }

    /// A signed axis of a rank as a plain one.
    pub(crate) fn axis(&self, axis: i64, rank: usize) -> Result<usize, Diagnostic> {
        let plain = if axis < 0 { axis + rank as i64 } else { axis };
        match usize::try_from(plain) {
            Ok(plain) if plain < rank => Ok(plain),
            _ => Err(self.fault(format_args!("axis {axis} does not exist in rank {rank}"))),
        }
    }

    /// Signed axes of a rank as plain ones.
    pub(crate) fn axes(&self, axes: &[i64], rank: usize) -> Result<Vec<usize>, Diagnostic> {
        axes.iter().map(|&axis| self.axis(axis, rank)).collect()
    }

    /// One result.
    pub(crate) fn done(&self, node: NodeId) -> Results {
        Ok(vec![Value::node(self.m, node)])
    }

    /// Adds an operator of the compiler and gives its result.
    pub(crate) fn add(&mut self, op: &str, inputs: &[NodeId], attrs: Attrs) -> Results {
        let node = self.m.b.add(op, inputs, attrs)?;
        self.done(node)
    }

    /// Takes a size to be a multiple of a number, which becomes a guard where it is not known.
    pub(crate) fn multiple(&mut self, size: &Dim, of: i64) {
        if self.facts().prove_multiple(size, of) == Proof::Unknown {
            let (source, op) = (self.m.b.source().clone(), Name::from(&self.node.op_type));
            let fact = GuardFact::Multiple(size.clone(), of);
            self.m.b.assume(Guard { fact, source, op });
        }
    }

    /// Whether `a <= b`; what is not known is taken to hold and becomes a guard.
    pub(crate) fn at_most(&mut self, a: &Dim, b: &Dim) -> bool {
        match self.facts().prove_le(a, b) {
            Proof::Yes => true,
            Proof::No => false,
            Proof::Unknown => {
                let (below, above) = bare(a, b);
                self.m.b.graph_mut().facts.assume_lt(below, above);
                let fact = GuardFact::Within(b - a, Range::at_least(0));
                let (source, op) = (self.m.b.source().clone(), Name::from(&self.node.op_type));
                self.m.b.assume(Guard { fact, source, op });
                true
            }
        }
    }
}

/// `a <= b` as `below < above` with a bare size on one side where there can be one, which narrows its range.
fn bare(a: &Dim, b: &Dim) -> (Dim, Dim) {
    let (room, by) = (b - a, b.constant_term());
    let least = room.constant_term();
    let (grows, shrinks, above) = (&room - least, -&room + least, b - by);
    if grows.as_var().is_some() {
        (Dim::constant(-least) - 1, grows)
    } else if shrinks.as_var().is_some() {
        (shrinks, Dim::constant(least) + 1)
    } else if above.as_var().is_some() {
        (a - (by + 1), above)
    } else {
        (a.clone(), b + 1)
    }
}

/// One result that the host knows.
pub(crate) fn known(known: Known) -> Results {
    Ok(vec![Value::known(known)])
}
