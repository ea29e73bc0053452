//! The table as the rules that graphs need: names, operands and attributes checked before an operator's own type rule runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use ferrodyne_plan::{Diagnostic, Dim, Name, Var};

use super::row::Op;
use crate::graph::{
    Attr, AttrSpec, Attrs, Builder, Graph, InputRole, Node, NodeId, OpRules, SymbolInfo,
    TensorType, TypeCx,
};

/// The families, in the order of the reference page.
static FAMILIES: &[&[&Op]] = &[
    super::sources::ALL,
    super::pointwise::ALL,
    super::views::ALL,
    super::indexed::ALL,
    super::reduce::ALL,
    super::contract::ALL,
    super::control::ALL,
    super::elementwise::ALL,
    super::special::ALL,
    super::activation::ALL,
    super::statistics::ALL,
    super::running::ALL,
    super::linear::ALL,
    super::convolve::ALL,
    super::pooling::ALL,
    super::normalise::ALL,
    super::attention::ALL,
    super::losses::ALL,
    super::indexing::ALL,
    super::order::ALL,
    super::random::ALL,
    super::resize::ALL,
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
    for var in symbols(cx.inputs, cx.attrs) {
        let hint = (cx.hint)(&Dim::var(var.clone()));
        let info = SymbolInfo { range: b.graph().facts.range(&var), hint };
        b.graph_mut().symbols.insert(var.name().clone(), info);
    }
    let node = Node {
        op: Name::from(row.name),
        attrs: cx.attrs.clone(),
        inputs: Vec::new(),
        types: Vec::new(),
        calls: Vec::new(),
        name: None,
        source: cx.source.clone(),
    };
    let built = build_into(&mut b, row, node, cx.inputs, cx.names);
    let mut graph = b.finish();
    let result = built.map(|result| vec![graph.ty(result).clone()]);
    *cx.facts = std::mem::take(&mut graph.facts);
    for guard in graph.guards {
        cx.guard(guard.fact);
    }
    result
}

/// Runs a composite's function on fresh inputs of a builder. A fault inside is told under the composite's name.
fn build_into(
    b: &mut Builder,
    row: &Op,
    mut node: Node,
    types: &[&TensorType],
    names: &[Name],
) -> Result<NodeId, Diagnostic> {
    let operands: Vec<NodeId> = names
        .iter()
        .zip(types)
        .map(|(name, ty)| b.input(name.clone(), InputRole::Argument, (*ty).clone()))
        .collect();
    node.inputs.clone_from(&operands);
    let build = row
        .build
        .ok_or_else(|| Diagnostic::new("unsupported", format!("{}: is no composite", row.name)))?;
    build(b, &node, &operands).map_err(|fault| under(row.name, names, fault))
}

/// A fault told under a composite's name. The operator inside is named too where the message speaks of values that the user
/// has not seen.
fn under(name: &str, operands: &[Name], mut fault: Diagnostic) -> Diagnostic {
    let (message, unseen) = without_numbers(&fault.message, operands);
    fault.message = match message.split_once(": ") {
        Some((inner, _)) if inner != name && unseen => format!("{name}: {message}"),
        Some((inner, rest)) if inner != name => format!("{name}: {rest}"),
        _ => message,
    };
    fault
}

/// A message without the numbers of values that are no operands, and whether there were any.
fn without_numbers(message: &str, operands: &[Name]) -> (String, bool) {
    let mut parts = message.split('`').enumerate().peekable();
    let (mut text, mut unseen) = (String::new(), false);
    while let Some((k, part)) = parts.next() {
        let quoted = k % 2 == 1;
        let number = part.strip_prefix('%').filter(|rest| rest.parse::<u32>().is_ok());
        let is_inner = number.is_some() && operands.iter().all(|name| name.as_str() != part);
        match (quoted && parts.peek().is_some(), is_inner) {
            (true, true) => text.push_str("a value inside"),
            (true, false) => text.extend(["`", part, "`"]),
            (false, _) => text.push_str(part),
        }
        unseen |= quoted && is_inner;
    }
    (text, unseen)
}

/// What a composite node computes, as a graph of its own: one input for each operand, one result.
///
/// # Errors
/// When the node is no composite, or its operands do not fit.
pub fn expansion(graph: &Graph, node: &Node) -> Result<Graph, Diagnostic> {
    let Some(row) = find(&node.op) else {
        let text = format!("{}: there is no operator of this name", node.op);
        return Err(Diagnostic::new("unsupported", text).at(node.source.clone()));
    };
    let mut b = Builder::new(row.name, &Table);
    b.set_source(node.source.clone());
    b.graph_mut().facts = graph.facts.clone();
    b.graph_mut().symbols = graph.symbols.clone();
    let types: Vec<&TensorType> = node.inputs.iter().map(|&k| graph.ty(k)).collect();
    let names: Vec<Name> = (0..types.len()).map(|k| Name::from(format!("x{k}"))).collect();
    let result = build_into(&mut b, row, node.clone(), &types, &names)?;
    b.output("y", result);
    Ok(b.finish())
}

/// The symbols that stand in the operands' shapes and in the attributes.
fn symbols(inputs: &[&TensorType], attrs: &Attrs) -> BTreeSet<Var> {
    let shapes = inputs.iter().flat_map(|ty| ty.dims.iter());
    let in_attrs = attrs.iter().flat_map(|(_, attr)| match attr {
        Attr::Dims(dims) => dims.as_slice(),
        _ => &[],
    });
    shapes.chain(in_attrs).flat_map(|dim| dim.vars()).collect()
}
