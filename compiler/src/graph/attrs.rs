//! Attributes of nodes: named plain data.

use std::fmt;
use std::sync::Arc;

use ferrodyne_plan::{DType, Dim, HostTensor, Name};

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Attr {
    /// An integer.
    Int(i64),
    /// A number.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A word.
    Str(Name),
    /// An element type.
    DType(DType),
    /// Integers: axes, strides, paddings.
    Ints(Vec<i64>),
    /// Sizes: shapes, starts of slices.
    Dims(Vec<Dim>),
    /// Constant data.
    Tensor(Arc<HostTensor>),
}

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttrKind {
    /// [`Attr::Int`].
    Int,
    /// [`Attr::Float`].
    Float,
    /// [`Attr::Bool`].
    Bool,
    /// [`Attr::Str`].
    Str,
    /// [`Attr::DType`].
    DType,
    /// [`Attr::Ints`].
    Ints,
    /// [`Attr::Dims`].
    Dims,
    /// [`Attr::Tensor`].
    Tensor,
}

/// An attribute that an operator has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttrSpec {
    /// Name.
    pub name: &'static str,
    /// What it holds.
    pub kind: AttrKind,
    /// Whether a node may lack it.
    pub optional: bool,
}

impl AttrSpec {
    /// An attribute that every node of the operator has.
    pub const fn required(name: &'static str, kind: AttrKind) -> AttrSpec {
        AttrSpec { name, kind, optional: false }
    }

    /// An attribute that a node may lack.
    pub const fn optional(name: &'static str, kind: AttrKind) -> AttrSpec {
        AttrSpec { name, kind, optional: true }
    }
}

impl Attr {
    /// What it holds.
    pub fn kind(&self) -> AttrKind {
        match self {
            Attr::Int(_) => AttrKind::Int,
            Attr::Float(_) => AttrKind::Float,
            Attr::Bool(_) => AttrKind::Bool,
            Attr::Str(_) => AttrKind::Str,
            Attr::DType(_) => AttrKind::DType,
            Attr::Ints(_) => AttrKind::Ints,
            Attr::Dims(_) => AttrKind::Dims,
            Attr::Tensor(_) => AttrKind::Tensor,
        }
    }
}

/// The attributes of a node, in the order of their names.
///
/// ```
/// use ferrodyne_compiler::graph::Attrs;
/// let attrs = Attrs::new().ints("axes", &[0, 2]).bool("keepdim", true);
/// assert_eq!(attrs.get_ints("axes"), &[0, 2]);
/// assert!(attrs.get_bool("keepdim"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attrs(Vec<(Name, Attr)>);

impl Attrs {
    /// No attributes.
    pub fn new() -> Attrs {
        Attrs::default()
    }

    /// With one more attribute, or another value for one that is there.
    pub fn with(mut self, name: &str, attr: Attr) -> Attrs {
        match self.0.binary_search_by(|(n, _)| n.as_ref().cmp(name)) {
            Ok(at) => self.0[at].1 = attr,
            Err(at) => self.0.insert(at, (Name::from(name), attr)),
        }
        self
    }

    /// With an integer.
    pub fn int(self, name: &str, value: i64) -> Attrs {
        self.with(name, Attr::Int(value))
    }

    /// With a number.
    pub fn float(self, name: &str, value: f64) -> Attrs {
        self.with(name, Attr::Float(value))
    }

    /// With a truth value.
    pub fn bool(self, name: &str, value: bool) -> Attrs {
        self.with(name, Attr::Bool(value))
    }

    /// With a word.
    pub fn str(self, name: &str, value: &str) -> Attrs {
        self.with(name, Attr::Str(Name::from(value)))
    }

    /// With an element type.
    pub fn dtype(self, name: &str, value: DType) -> Attrs {
        self.with(name, Attr::DType(value))
    }

    /// With integers.
    pub fn ints(self, name: &str, value: &[i64]) -> Attrs {
        self.with(name, Attr::Ints(value.to_vec()))
    }

    /// With sizes.
    pub fn dims(self, name: &str, value: &[Dim]) -> Attrs {
        self.with(name, Attr::Dims(value.to_vec()))
    }

    /// With data.
    pub fn tensor(self, name: &str, value: Arc<HostTensor>) -> Attrs {
        self.with(name, Attr::Tensor(value))
    }

    /// The same attributes with other sizes.
    pub fn map_dims(&self, of: &dyn Fn(&Dim) -> Dim) -> Attrs {
        self.iter().fold(Attrs::new(), |new, (name, attr)| match attr {
            Attr::Dims(dims) => new.with(name, Attr::Dims(dims.iter().map(of).collect())),
            other => new.with(name, other.clone()),
        })
    }

    /// The attribute of that name.
    pub fn get(&self, name: &str) -> Option<&Attr> {
        self.0.binary_search_by(|(n, _)| n.as_ref().cmp(name)).ok().map(|at| &self.0[at].1)
    }

    /// All attributes, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Attr)> {
        self.0.iter().map(|(n, a)| (n, a))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An integer.
    ///
    /// # Panics
    /// When it is missing or of another kind: the verifier has refused such a node.
    pub fn get_int(&self, name: &str) -> i64 {
        match self.get(name) {
            Some(Attr::Int(value)) => *value,
            other => wrong(name, "an integer", other),
        }
    }

    /// A number. Panics as [`Attrs::get_int`] does.
    pub fn get_float(&self, name: &str) -> f64 {
        match self.get(name) {
            Some(Attr::Float(value)) => *value,
            other => wrong(name, "a number", other),
        }
    }

    /// A truth value; false when the attribute is missing. Panics when it is of another kind.
    pub fn get_bool(&self, name: &str) -> bool {
        match self.get(name) {
            Some(Attr::Bool(value)) => *value,
            None => false,
            other => wrong(name, "a truth value", other),
        }
    }

    /// A word. Panics as [`Attrs::get_int`] does.
    pub fn get_str(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Attr::Str(value)) => value.as_ref(),
            other => wrong(name, "a word", other),
        }
    }

    /// An element type. Panics as [`Attrs::get_int`] does.
    pub fn get_dtype(&self, name: &str) -> DType {
        match self.get(name) {
            Some(Attr::DType(value)) => *value,
            other => wrong(name, "an element type", other),
        }
    }

    /// Integers. Panics as [`Attrs::get_int`] does.
    pub fn get_ints(&self, name: &str) -> &[i64] {
        match self.get(name) {
            Some(Attr::Ints(value)) => value,
            other => wrong(name, "integers", other),
        }
    }

    /// Sizes. Panics as [`Attrs::get_int`] does.
    pub fn get_dims(&self, name: &str) -> &[Dim] {
        match self.get(name) {
            Some(Attr::Dims(value)) => value,
            other => wrong(name, "sizes", other),
        }
    }

    /// Data. Panics as [`Attrs::get_int`] does.
    pub fn get_tensor(&self, name: &str) -> &Arc<HostTensor> {
        match self.get(name) {
            Some(Attr::Tensor(value)) => value,
            other => wrong(name, "data", other),
        }
    }
}

fn wrong(name: &str, want: &str, got: Option<&Attr>) -> ! {
    panic!("attribute `{name}` must hold {want}, but it is {got:?}: the graph was not verified")
}

impl fmt::Display for AttrKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AttrKind::Int => "an integer",
            AttrKind::Float => "a number",
            AttrKind::Bool => "a truth value",
            AttrKind::Str => "a word",
            AttrKind::DType => "an element type",
            AttrKind::Ints => "integers",
            AttrKind::Dims => "sizes",
            AttrKind::Tensor => "data",
        })
    }
}
