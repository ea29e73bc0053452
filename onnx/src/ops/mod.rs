//! The operators of ONNX, a function for each, in a table.
//!
//! A function takes the operands of one node as [`crate::value::Value`]s and adds operators of the compiler, or computes what
//! the host knows. Where versions of an operator differ, the function looks at the version of the operator set.

use crate::context::{Cx, Results};

mod activation;
mod attention;
mod columns;
mod control;
mod convolution;
mod elementwise;
mod indexing;
mod joining;
mod losses;
mod matrix;
mod microsoft;
mod normalisation;
mod ordering;
mod padding;
mod pooling;
mod quantise;
mod recurrent;
mod recurrent_cell;
mod reduction;
mod resize;
mod resize_filter;
mod resize_open;
mod sampling;
mod shape;
mod slicing;
mod source;
mod spectral;

/// The newest operator set whose changes are known.
pub(crate) const NEWEST_OPSET: i64 = 28;

/// The import of an operator; the word is the row's `op`.
pub(crate) type Import = fn(&mut Cx<'_>, &'static str) -> Results;

/// An operator of ONNX.
pub(crate) struct Row {
    /// Domain; empty for the standard operators.
    domain: &'static str,
    /// Name.
    name: &'static str,
    /// Versions of the operator set that changed it, all of which are read; the first is the oldest.
    since: &'static [i64],
    /// The compiler's operator that the function is to add, where several operators share a function.
    op: &'static str,
    /// The function.
    import: Import,
    /// What is not supported.
    limits: &'static str,
}

impl Row {
    const fn new(
        name: &'static str,
        since: &'static [i64],
        op: &'static str,
        import: Import,
    ) -> Row {
        Row { domain: "", name, since, op, import, limits: "" }
    }

    /// In a domain of its own.
    const fn domain(mut self, domain: &'static str) -> Row {
        self.domain = domain;
        self
    }

    /// With what is not supported.
    const fn limits(mut self, limits: &'static str) -> Row {
        self.limits = limits;
        self
    }

    /// Imports a node.
    pub(crate) fn import(&self, cx: &mut Cx<'_>) -> Results {
        (self.import)(cx, self.op)
    }
}

static FAMILIES: &[&[Row]] = &[
    elementwise::ALL,
    activation::ALL,
    matrix::ALL,
    convolution::ALL,
    pooling::ALL,
    normalisation::ALL,
    reduction::ALL,
    shape::ALL,
    slicing::ALL,
    joining::ALL,
    padding::ALL,
    indexing::ALL,
    source::ALL,
    ordering::ALL,
    resize::ALL,
    quantise::ALL,
    microsoft::ALL,
    attention::ALL,
    control::ALL,
    recurrent::ALL,
    losses::ALL,
    columns::ALL,
    sampling::ALL,
    spectral::ALL,
];

fn all() -> impl Iterator<Item = &'static Row> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// The operator of a name in a version of its domain.
pub(crate) fn find(domain: &str, name: &str, opset: i64) -> Option<&'static Row> {
    let row = all().find(|row| row.domain == domain && row.name == name)?;
    row.since.first().is_some_and(|&oldest| oldest <= opset).then_some(row)
}

/// An operator that can be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// Domain; empty for the standard operators.
    pub domain: &'static str,
    /// Name.
    pub op: &'static str,
    /// Versions of the operator set that changed it, all of which are read.
    pub since: &'static [i64],
    /// What is not supported; empty when all is.
    pub limits: &'static str,
}

/// All operators that can be imported, by domain and name.
pub fn coverage() -> Vec<Support> {
    let mut rows: Vec<Support> = all()
        .map(|row| Support {
            domain: row.domain,
            op: row.name,
            since: row.since,
            limits: row.limits,
        })
        .collect();
    rows.sort_by_key(|row| (row.domain, row.op));
    rows
}
