//! Calls, branches, loops and walks as Rust: in goes a node that calls graphs, out comes an expression over their functions.

use ferrodyne_compiler::graph::{Attr, Node, NodeId};

use super::{Body, TUPLE_MAX};

/// Tensors as one value: nothing, a tensor, or an array.
fn packed(all: Vec<String>) -> String {
    match all.len() {
        0 => "()".to_owned(),
        1 => all.concat(),
        _ => format!("[{}]", all.join(", ")),
    }
}

/// A reference to the `k`-th of `n` tensors that are packed behind a reference.
fn reference(name: &str, k: usize, n: usize) -> String {
    if n == 1 { name.to_owned() } else { format!("&{name}[{k}]") }
}

/// The `k`-th of `n` tensors that are packed.
fn owned(name: &str, k: usize, n: usize) -> String {
    if n == 1 { format!("{name}.clone()") } else { format!("{name}[{k}].clone()") }
}

impl Body<'_> {
    /// A branch on a tensor, as `#[compile]` reads it.
    pub(super) fn branch(&mut self, node: &Node) -> String {
        let (condition, operands) = (node.inputs[0], &node.inputs[1..]);
        let then = self.call(node, 0, operands, Some(condition));
        let otherwise = self.call(node, 1, operands, Some(condition));
        format!("if {} {{ {then} }} else {{ {otherwise} }}", self.reference(condition))
    }

    /// A loop on a tensor, as `#[compile]` reads it.
    pub(super) fn repeat(&mut self, node: &Node) -> String {
        let carried = node.types.len();
        let first: Vec<String> = node.inputs[..carried]
            .iter()
            .map(|&id| format!("{}.clone()", self.value(id)))
            .collect();
        let (first, part): (String, fn(usize) -> String) = match carried {
            1 => (first.concat(), |_| "state".to_owned()),
            n if n > TUPLE_MAX => {
                (format!("vec![{}]", first.join(", ")), |k| format!("state[{k}]"))
            }
            _ => (format!("({})", first.join(", ")), |k| format!("state.{k}")),
        };
        // The head and the body take the state where the node takes its first values.
        let given: Vec<String> =
            node.inputs[carried..].iter().map(|&id| self.reference(id)).collect();
        let state = (0..carried).map(|k| format!("&{}", part(k)));
        let operands: Vec<String> = state.chain(given).collect();
        let near = node.inputs.first().copied();
        let head = self.call_with(node, 0, &operands, near);
        let body = self.call_with(node, 1, &operands, near);
        let rounds = match node.attrs.get("trips_max") {
            Some(Attr::Int(most)) => format!(
                "for _ in 0..{most} {{ if {head}.logical_not() {{ break; }} state = {body}; }}"
            ),
            _ => format!("while {head} {{ state = {body}; }}"),
        };
        format!("{{ let mut state = {first}; {rounds} state }}")
    }

    /// A walk along tensors, slice by slice.
    pub(super) fn scan(&mut self, node: &Node) -> String {
        let count = |name: &str| node.attrs.get_int(name) as usize;
        let (carried, sliced, results) = (count("carried"), count("sliced"), node.types.len());
        let (init, walked) = node.inputs.split_at(carried);
        let (walked, given) = walked.split_at(sliced);
        let init = packed(init.iter().map(|&id| format!("{}.clone()", self.value(id))).collect());
        let xs = match walked {
            [one] => self.reference(*one),
            many => {
                let clones = many.iter().map(|&id| format!("{}.clone()", self.value(id)));
                format!("&{}", packed(clones.collect()))
            }
        };
        let state = (0..carried).map(|k| reference("state", k, carried));
        let slices = (0..sliced).map(|k| reference("slice", k, sliced));
        let given = given.iter().map(|&id| self.reference(id));
        let operands: Vec<String> = state.chain(slices).chain(given).collect();
        let body = self.call_with(node, 0, &operands, node.inputs.first().copied());
        let part = |k: usize| match results {
            1 => "next".to_owned(),
            n if n > TUPLE_MAX => format!("next[{k}].clone()"),
            _ => format!("next.{k}"),
        };
        let parts = |range: std::ops::Range<usize>| packed(range.map(part).collect());
        let (next, own) = (parts(0..carried), parts(carried..results));
        let all: Vec<String> = (0..results)
            .map(|k| match k.checked_sub(carried) {
                None => owned("state", k, carried),
                Some(k) => owned("stacked", k, results - carried),
            })
            .collect();
        let all = match results {
            1 => all.concat(),
            n if n > TUPLE_MAX => format!("vec![{}]", all.join(", ")),
            _ => format!("({})", all.join(", ")),
        };
        let unused = |name: &'static str, n: usize| if n == 0 { "()" } else { name };
        let (state, stacked) = (unused("state", carried), unused("stacked", results - carried));
        let slice = if sliced == 0 { "_" } else { "slice" };
        format!(
            "{{ let ({state}, {stacked}) = ferrodyne::flow::scan(|{state}, {slice}| {{ let next = {body}; ({next}, {own}) }}, {init}, {xs}); {all} }}"
        )
    }

    /// A call of the node's graph of that number; `near` is a value that lies on the device.
    pub(super) fn call(
        &mut self,
        node: &Node,
        graph: usize,
        operands: &[NodeId],
        near: Option<NodeId>,
    ) -> String {
        let operands: Vec<String> = operands.iter().map(|&id| self.reference(id)).collect();
        self.call_with(node, graph, &operands, near)
    }

    /// A call of the node's graph of that number with operands in Rust.
    fn call_with(
        &mut self,
        node: &Node,
        graph: usize,
        operands: &[String],
        near: Option<NodeId>,
    ) -> String {
        let name = node.calls.get(graph);
        let signature = name.and_then(|name| self.called.get(name.as_str())).cloned();
        let Some(signature) = signature else { return "()".to_owned() };
        let used = operands.iter().zip(&signature.used).filter(|(_, used)| **used);
        let mut operands: Vec<String> = used.map(|(operand, _)| operand.clone()).collect();
        for (name, dtype, shape) in signature.constants {
            let label = format!("{}_{name}", signature.name);
            if !self.constants.iter().any(|(known, ..)| *known == label) {
                self.constants.push((label.clone(), dtype, shape));
            }
            operands.push(label);
        }
        if signature.needs_device {
            let near = near.map(|id| format!("{}.device()", self.value(id)));
            operands.push(near.unwrap_or_else(|| "device".to_owned()));
        }
        format!("{}({})", signature.name, operands.join(", "))
    }

    pub(super) fn result(&self, node: &Node) -> String {
        let called = self.value(node.inputs[0]);
        match self.graph.node(node.inputs[0]).types.len() {
            1 => format!("{called}.clone()"),
            n if n > TUPLE_MAX => format!("{called}[{}].clone()", node.attrs.get_int("index")),
            _ => format!("{called}.{}.clone()", node.attrs.get_int("index")),
        }
    }
}
