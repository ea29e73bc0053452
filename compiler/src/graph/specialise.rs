//! Makes symbols constants.

use ferrodyne_plan::{Dim, Facts, Name, Var};

use super::{Attr, Attrs, Graph};

/// The graph with every symbol that has a value replaced by it. What was assumed of such symbols holds by their values, so its
/// guards are gone with them.
pub fn specialise(graph: &Graph, value: &dyn Fn(&Name) -> Option<i64>) -> Graph {
    let fixed = |var: &Var| match var {
        Var::Sym(name) => value(name).map(Dim::constant),
        Var::Axis(_) | Var::Data(_) => None,
    };
    let fix = |dim: &Dim| dim.substitute(&fixed);
    let mut special = graph.clone();
    for node in special.nodes_mut() {
        for ty in &mut node.types {
            ty.dims.iter_mut().for_each(|dim| *dim = fix(dim));
        }
        let mut attrs = Attrs::new();
        for (name, attr) in node.attrs.iter() {
            let attr = match attr {
                Attr::Dims(dims) => Attr::Dims(dims.iter().map(fix).collect()),
                other => other.clone(),
            };
            attrs = attrs.with(name.as_ref(), attr);
        }
        node.attrs = attrs;
    }
    special.symbols.retain(|name, _| value(name).is_none());
    let mut facts = Facts::new();
    for (name, info) in &special.symbols {
        facts.set_range(Var::Sym(name.clone()), info.range);
    }
    special.facts = facts;
    special.guards.retain(|guard| guard.fact.dims().iter().all(|dim| fix(dim) == **dim));
    special
}
