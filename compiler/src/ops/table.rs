//! The table as the rules that graphs need: names, operands and attributes checked before an operator's own type rule runs.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use ferrodyne_plan::{Diagnostic, Dim, Name};

use super::row::Op;
use crate::graph::{
    Attr, AttrSpec, Attrs, Builder, InputRole, Node, OpRules, SymbolInfo, TensorType, TypeCx,
};

/// The families, in the order of the reference page.
static FAMILIES: &[&[&Op]] = &[
    super::sources::ALL,
    super::pointwise::ALL,
    super::views::ALL,
    super::indexed::ALL,
    super::reduce::ALL,
    super::contract::ALL,
    super::random::ALL,
    super::control::ALL,
];

/// All operators.
pub fn all() -> impl Iterator<Item = &'static Op> {
    FAMILIES.iter().flat_map(|family| family.iter().copied())
}

/// The operator of that name.
pub fn find(name: &str) -> Option<&'static Op> {
    static BY_NAME: OnceLock<BTreeMap<&'static str, &'static Op>> = OnceLock::new();
    BY_NAME.get_or_init(|| all().map(|op| (op.name, op)).collect()).get(name).copied()
}

/// The table as the rules that graphs need.
pub struct Table;

impl OpRules for Table {
    fn attrs(&self, op: &str) -> Option<&'static [AttrSpec]> {
        find(op).map(|op| op.attrs)
    }

    fn types(&self, op: &str, cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
        let Some(row) = find(op) else {
            return Err(cx.fault("unsupported", "there is no operator of this name"));
        };
        if !row.arity.accepts(cx.inputs.len()) {
            let got = cx.inputs.len();
            return Err(cx.fault("arity", format_args!("takes {}, but got {got}", row.arity)));
        }
        check_attrs(row, cx)?;
        match (row.types, row.build) {
            (Some(rule), _) => rule(cx),
            (None, Some(_)) => expansion_types(row, cx),
            (None, None) => Err(cx.fault("unsupported", "the operator has no type rule")),
        }
    }
}

fn check_attrs(row: &Op, cx: &TypeCx<'_>) -> Result<(), Diagnostic> {
    for (name, attr) in cx.attrs.iter() {
        let Some(spec) = row.attrs.iter().find(|spec| spec.name == &**name) else {
            let known =
                row.attrs.iter().map(|s| format!("`{}`", s.name)).collect::<Vec<_>>().join(", ");
            let known = if known.is_empty() { "none".to_owned() } else { known };
            return Err(cx.fault(
                "attribute",
                format_args!("has no attribute `{name}`; its attributes: {known}"),
            ));
        };
        if spec.kind != attr.kind() {
            let (want, got) = (spec.kind, attr.kind());
            return Err(cx.fault(
                "attribute",
                format_args!("attribute `{name}` is {got}, but must be {want}"),
            ));
        }
    }
    match row.attrs.iter().find(|spec| !spec.optional && cx.attrs.get(spec.name).is_none()) {
        Some(spec) => Err(cx.fault(
            "attribute",
            format_args!("lacks the attribute `{}` ({})", spec.name, spec.kind),
        )),
        None => Ok(()),
    }
}

/// The type of a composite: that of its function's result, built beside the graph with the same facts.
fn expansion_types(row: &Op, cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let mut b = Builder::new(row.name, &Table);
    b.set_source(cx.source.clone());
    b.graph_mut().facts = std::mem::take(cx.facts);
    for dim in symbols(cx.inputs, cx.attrs) {
        if let Some(var) = dim.as_var() {
            let info = SymbolInfo { range: b.graph().facts.range(var), hint: (cx.hint)(&dim) };
            b.graph_mut().symbols.insert(var.name().clone(), info);
        }
    }
    let result = expand(row, cx, &mut b);
    let graph = b.finish();
    *cx.facts = graph.facts;
    for guard in graph.guards {
        cx.guard(guard.fact);
    }
    result
}

fn expand(row: &Op, cx: &TypeCx<'_>, b: &mut Builder) -> Result<Vec<TensorType>, Diagnostic> {
    let Some(build) = row.build else { return Ok(Vec::new()) };
    let operands: Vec<_> = cx
        .names
        .iter()
        .zip(cx.inputs)
        .map(|(name, ty)| b.input(name.clone(), InputRole::Argument, (*ty).clone()))
        .collect();
    let node = Node {
        op: Name::from(row.name),
        attrs: cx.attrs.clone(),
        inputs: operands.clone(),
        types: Vec::new(),
        calls: Vec::new(),
        name: None,
        source: cx.source.clone(),
    };
    match build(b, &node, &operands) {
        Ok(result) => Ok(vec![b.ty(result).clone()]),
        Err(mut fault) => {
            let own = fault.message.starts_with(&format!("{}:", row.name));
            if !own {
                fault.message = format!("{}: {}", row.name, fault.message);
            }
            Err(fault)
        }
    }
}

/// The symbols that stand in the operands' shapes and in the attributes.
fn symbols(inputs: &[&TensorType], attrs: &Attrs) -> Vec<Dim> {
    let shapes = inputs.iter().flat_map(|ty| ty.dims.iter());
    let in_attrs = attrs.iter().flat_map(|(_, attr)| match attr {
        Attr::Dims(dims) => dims.as_slice(),
        _ => &[],
    });
    let mut vars: Vec<_> = shapes.chain(in_attrs).flat_map(|dim| dim.vars()).collect();
    vars.sort();
    vars.dedup();
    vars.into_iter().map(Dim::var).collect()
}
