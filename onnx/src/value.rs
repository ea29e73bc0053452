//! Values during import: what the graph computes, what the host knows, and constants of the file.
//!
//! A value belongs to the graph that was being built when it was made. A graph inside of that one takes it as an input, but writes
//! small constants and what the host knows down again.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use ferrodyne_compiler::graph::{InputRole, NodeId, TensorType};
use ferrodyne_compiler::ops::element;
use ferrodyne_plan::{DType, Diagnostic, Dim, HostTensor};

use crate::import::Importer;
use crate::known::{Elem, Known, MAX_ELEMENTS};

/// A constant of fewer elements stands in the graph; a larger one is a parameter.
const INLINE_ELEMENTS: usize = 64;

/// A named value of the file.
#[derive(Clone)]
pub(crate) struct Value(Rc<Inner>);

struct Inner {
    ty: TensorType,
    known: Option<Known>,
    constant: Option<(String, HostTensor)>,
    /// Its node, and how many graphs stand around the one that has it.
    node: Cell<Option<(usize, NodeId)>>,
    /// The number of entries along the first axis that count, where it is known only when the model has run.
    length: Option<Value>,
}

impl Value {
    fn new(ty: TensorType, known: Option<Known>, node: Option<(usize, NodeId)>) -> Value {
        let node = Cell::new(node);
        Value(Rc::new(Inner { ty, known, constant: None, node, length: None }))
    }

    /// A value that the graph computes.
    pub(crate) fn node(m: &Importer, node: NodeId) -> Value {
        Value::new(m.b.ty(node).clone(), None, Some((m.depth(), node)))
    }

    /// A value that the graph computes, of which so many entries along the first axis count.
    pub(crate) fn up_to(m: &Importer, node: NodeId, length: Value) -> Value {
        let (ty, node) = (m.b.ty(node).clone(), Cell::new(Some((m.depth(), node))));
        Value(Rc::new(Inner { ty, known: None, constant: None, node, length: Some(length) }))
    }

    /// A value that the host knows.
    pub(crate) fn known(known: Known) -> Value {
        let ty = TensorType::new(known.dtype, known.dims.iter().map(|&d| Dim::from(d)));
        Value::new(ty, Some(known), None)
    }

    /// A constant of the file. Few enough integers and numbers are known.
    pub(crate) fn constant(name: &str, tensor: HostTensor) -> Value {
        let ty = TensorType::new(tensor.dtype, tensor.dims.iter().map(|&d| Dim::from(d)));
        let limit = if tensor.dtype.is_float() { INLINE_ELEMENTS } else { MAX_ELEMENTS };
        let known = (tensor.len() <= limit).then(|| {
            let elem = |value: f64| match tensor.dtype.is_float() {
                true => Elem::Float(value),
                false => Elem::Size(Dim::constant(value as i64)),
            };
            let elems = match tensor.dtype {
                DType::I64 => integers(&tensor),
                _ => element::values(&tensor).into_iter().map(elem).collect(),
            };
            Known { dtype: tensor.dtype, dims: tensor.dims.clone(), elems }
        });
        let constant = Some((name.to_owned(), tensor));
        Value(Rc::new(Inner { ty, known, constant, node: Cell::new(None), length: None }))
    }

    /// Element type and shape.
    pub(crate) fn ty(&self) -> &TensorType {
        &self.0.ty
    }

    /// Element type.
    pub(crate) fn dtype(&self) -> DType {
        self.0.ty.dtype
    }

    /// Shape.
    pub(crate) fn dims(&self) -> &[Dim] {
        &self.0.ty.dims
    }

    /// Number of axes.
    pub(crate) fn rank(&self) -> usize {
        self.0.ty.rank()
    }

    /// What the host knows of it.
    pub(crate) fn as_known(&self) -> Option<&Known> {
        self.0.known.as_ref()
    }

    /// How many entries along the first axis count, where that is known only when the model has run.
    pub(crate) fn length(&self) -> Option<&Value> {
        self.0.length.as_ref()
    }

    /// What tells it from other values as long as it lives.
    pub(crate) fn identity(&self) -> usize {
        Rc::as_ptr(&self.0) as usize
    }

    /// Its node in the graph that is being built, if it has one already.
    pub(crate) fn made(&self, m: &Importer) -> Option<NodeId> {
        self.0.node.get().filter(|(depth, _)| *depth == m.depth()).map(|(_, node)| node)
    }

    /// Its node in the graph that is being built, made when first asked for.
    pub(crate) fn on_graph(&self, m: &mut Importer) -> Result<NodeId, Diagnostic> {
        if let Some(node) = self.made(m) {
            return Ok(node);
        }
        if m.depth() == 0 {
            let node = self.written(m)?;
            self.0.node.set(Some((0, node)));
            return Ok(node);
        }
        let is_outer = self.0.node.get().is_some() && self.0.known.is_none();
        if is_outer || self.is_parameter() {
            return Ok(m.capture(self));
        }
        if let Some(node) = m.restated(self) {
            return Ok(node);
        }
        let node = self.written(m)?;
        m.restate(self, node);
        Ok(node)
    }

    /// Whether it is given to the graph beside its arguments.
    fn is_parameter(&self) -> bool {
        self.0.constant.as_ref().is_some_and(|(_, tensor)| !stays_inline(tensor))
    }

    fn written(&self, m: &mut Importer) -> Result<NodeId, Diagnostic> {
        match (&self.0.constant, &self.0.known) {
            (Some((name, tensor)), _) if self.is_parameter() => {
                let name = m.free_input(name);
                let node = m.b.input(name, InputRole::Parameter, self.0.ty.clone());
                m.weights.push(tensor.clone());
                Ok(node)
            }
            (Some((_, tensor)), _) => m.b.constant(tensor.clone().into()),
            (None, Some(known)) => written(m, known),
            (None, None) => Err(Diagnostic::new("unsupported", "a value has no source")),
        }
    }
}

/// Numbers of one element and short lists of integers stay in the graph, where the compiler sees them.
fn stays_inline(tensor: &HostTensor) -> bool {
    tensor.len() <= 1 || (!tensor.dtype.is_float() && tensor.len() <= INLINE_ELEMENTS)
}

/// 64-bit integers, which doubles do not hold exactly.
fn integers(tensor: &HostTensor) -> Vec<Elem> {
    let one = |b: &[u8]| i64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]);
    tensor.bytes.chunks_exact(8).map(|b| Elem::Size(Dim::constant(one(b)))).collect()
}

/// Known elements as a node: a constant, or sizes put together.
fn written(m: &mut Importer, known: &Known) -> Result<NodeId, Diagnostic> {
    let integers: Option<Vec<i64>> = known.elems.iter().map(Elem::integer).collect();
    if let (DType::I64, Some(integers)) = (known.dtype, integers) {
        // Not through f64, which does not hold every one of them.
        let bytes = integers.iter().flat_map(|x| x.to_le_bytes()).collect();
        let host = HostTensor::new(DType::I64, known.dims.clone(), bytes);
        return m.b.constant(Arc::new(host.expect("a known value has its elements")));
    }
    if let Some(numbers) = known.as_numbers() {
        return m.b.constant_of(known.dtype, &known.dims, &numbers);
    }
    let mut parts = Vec::new();
    for elem in &known.elems {
        let part = match elem {
            Elem::Size(dim) => m.b.size(dim, known.dtype)?,
            Elem::Float(value) => m.b.scalar(known.dtype, *value)?,
            Elem::Ratio(ratio) => {
                let of = m.b.size(&ratio.of, known.dtype)?;
                m.b.with_number("div", of, ratio.by as f64)?
            }
        };
        parts.push(m.b.reshape(part, &[Dim::constant(1)])?);
    }
    let row = m.b.concat(&parts, 0)?;
    let dims: Vec<Dim> = known.dims.iter().map(|&d| Dim::from(d)).collect();
    m.b.reshape(row, &dims)
}
