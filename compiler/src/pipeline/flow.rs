//! Graphs that branch and loop: comes in a graph with `cond`, `while` or `scan`, goes out a plan whose steps do so.
//!
//! The graph is cut where it branches or loops. Each straight part, and each graph that is called, is compiled by itself as any other
//! graph, and the plans are linked: kernels stay pure, and what decides is a step of the plan.

mod cut;

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_plan::plan::{Plan, Slice, SlotId, SlotRole, Step};
use ferrodyne_plan::{Diagnostic, Dim, Target};

use cut::Cutting;

use super::bodies::{called, has_control, is_control, round};
use super::{Compiled, Options, compile};
use crate::fusion::Regions;
use crate::graph::{Attr, Graph, INPUT, Node, NodeId};
use crate::planning::{Life, Linker, When, standing};

/// What runs by itself.
enum Unit {
    /// Nodes between two decisions.
    Straight { plan: Box<Plan>, inputs: Vec<NodeId>, outputs: Vec<NodeId> },
    /// A node that branches or loops, with the plans of what it calls.
    Control { node: NodeId, plans: Vec<Plan>, masked: bool },
}

/// Compiles a graph that branches or loops. `graph` has no plain calls left.
///
/// # Errors
/// As [`compile`].
pub(super) fn compile_flow(
    graph: Graph,
    target: &Target,
    options: &Options,
) -> Result<Compiled, Diagnostic> {
    let cutting = Cutting::new(&graph);
    let last = cutting.levels.iter().copied().max().unwrap_or(0);
    let mut parts: Vec<Compiled> = Vec::new();
    let mut units: Vec<Unit> = Vec::new();
    for level in 0..=last {
        if let Some((part, inputs, outputs)) = cutting.part(level) {
            let compiled = compile(&part, target, options)?;
            units.push(Unit::Straight { plan: Box::new(compiled.plan.clone()), inputs, outputs });
            parts.push(compiled);
        }
        let here = |id: &NodeId| {
            let (at, node) = (id.index(), graph.node(*id));
            cutting.live[at] && cutting.levels[at] == level && is_control(node)
        };
        for node in graph.ids().filter(here) {
            let (bodies, masked) = bodies(&graph, graph.node(node), target)?;
            let mut plans = Vec::new();
            for body in &bodies {
                let compiled = compile(body, target, options)?;
                plans.push(compiled.plan.clone());
                parts.push(compiled);
            }
            units.push(Unit::Control { node, plans, masked });
        }
    }
    let plan = Linking::new(&graph, &units).link(&units)?;
    Ok(Compiled { plan, graph, regions: Regions::default(), kernels: Vec::new(), parts })
}

/// The graphs that a node's steps run, and whether its rounds are masked.
fn bodies(graph: &Graph, node: &Node, target: &Target) -> Result<(Vec<Graph>, bool), Diagnostic> {
    let called = called(graph, node);
    if node.op.as_str() != "while" {
        return Ok((called, false));
    }
    // A body that decides is read in every round anyway, and must not run where it would not have: it may not end.
    let masked = !target.is_cpu() && !called.iter().any(has_control);
    let head = called.into_iter().next().unwrap_or_default();
    Ok((vec![head, round(graph, node, masked)?], masked))
}

/// Steps that a part takes, as its slots' lives count them.
fn length(plan: &Plan) -> usize {
    let lives = plan.slots.iter().filter_map(|slot| slot.life).map(|(_, last)| last + 1);
    lives.max().unwrap_or(0).max(plan.steps.len())
}

struct Linking<'a> {
    graph: &'a Graph,
    linker: Linker,
    /// First and last step of each unit.
    spans: Vec<Life>,
    /// Where values stand: nodes, and results of nodes that call by number.
    slots: BTreeMap<(NodeId, usize), SlotId>,
    /// Values of straight parts that need no slot: weights and arguments in another shape.
    standing: BTreeSet<NodeId>,
}

impl<'a> Linking<'a> {
    fn new(graph: &'a Graph, units: &[Unit]) -> Linking<'a> {
        let mut at = 0;
        let mut spans = Vec::new();
        for unit in units {
            let length = match unit {
                Unit::Straight { plan, .. } => length(plan).max(1),
                Unit::Control { .. } => 1,
            };
            spans.push((at, at + length - 1));
            at += length;
        }
        let linker = Linker::new(graph);
        Linking { graph, linker, spans, slots: BTreeMap::new(), standing: BTreeSet::new() }
    }

    /// What a node's value is: itself, or a result of a node that calls.
    fn value(&self, id: NodeId) -> (NodeId, usize) {
        let node = self.graph.node(id);
        match node.op.as_str() {
            "result" => (node.inputs[0], node.attrs.get_int("index") as usize),
            _ => (id, 0),
        }
    }

    fn slot(&self, id: NodeId) -> SlotId {
        self.slots[&self.value(id)]
    }

    fn all(&self, ids: &[NodeId]) -> Vec<SlotId> {
        ids.iter().map(|id| self.slot(*id)).collect()
    }

    fn bytes(&self, value: (NodeId, usize)) -> Dim {
        let ty = &self.graph.node(value.0).types[value.1];
        ty.dtype.tensor_bytes(&ty.dims)
    }

    /// Gives every value that crosses a border a slot: a result's own, or scratch for as long as it is read.
    fn place(&mut self, units: &[Unit]) {
        let graph = self.graph;
        for (index, input) in graph.inputs.iter().enumerate() {
            self.slots.insert((input.node, 0), self.linker.input(index));
        }
        let mut lives: BTreeMap<(NodeId, usize), Life> = BTreeMap::new();
        for (unit, &(first, last)) in units.iter().zip(&self.spans) {
            let (read, made): (Vec<_>, Vec<_>) = match unit {
                Unit::Straight { inputs, outputs, .. } => (
                    inputs.iter().map(|id| self.value(*id)).collect(),
                    outputs.iter().map(|id| (*id, 0)).collect(),
                ),
                Unit::Control { node, .. } => {
                    let of = graph.node(*node);
                    let results = (0..of.types.len()).map(|k| (*node, k)).collect();
                    (of.inputs.iter().map(|id| self.value(*id)).collect(), results)
                }
            };
            for value in made {
                lives.insert(value, (first, last));
            }
            for value in read {
                if let Some(life) = lives.get_mut(&value) {
                    life.1 = last;
                }
            }
        }
        for (index, root) in graph.roots().enumerate() {
            let (value, slot) = (self.value(root), self.linker.root(index));
            self.slots.entry(value).or_insert(slot);
        }
        self.standing = units.iter().flat_map(|unit| self.standing_of(unit)).collect();
        for (value, life) in lives {
            if !self.slots.contains_key(&value) && !self.standing.contains(&value.0) {
                let name = match &graph.node(value.0).name {
                    Some(name) => name.to_string(),
                    None => format!("%{}.{}", value.0.0, value.1),
                };
                let slot = self.linker.scratch(&name, self.bytes(value), life);
                self.slots.insert(value, slot);
            }
        }
    }

    /// Values of a part that stand where they are for the whole run: packed weights, and inputs of the whole graph.
    fn standing_of(&self, unit: &Unit) -> Vec<NodeId> {
        let Unit::Straight { plan, inputs, outputs } = unit else { return Vec::new() };
        let stands = |k: usize| {
            let Some(from) = standing(plan, k) else { return false };
            match plan.slots[from.0].role {
                SlotRole::Input(index) => self.graph.node(inputs[index]).op.as_str() == INPUT,
                _ => true,
            }
        };
        let own = outputs.iter().enumerate().filter(|(k, id)| {
            // A result of the graph stands in its own slot.
            !self.slots.contains_key(&(**id, 0)) && stands(*k)
        });
        own.map(|(_, id)| *id).collect()
    }

    fn link(mut self, units: &[Unit]) -> Result<Plan, Diagnostic> {
        self.place(units);
        for (index, unit) in units.iter().enumerate() {
            let at = self.spans[index].0;
            match unit {
                Unit::Straight { plan, inputs, outputs } => {
                    let inputs = self.all(inputs);
                    let given: Vec<Option<SlotId>> =
                        outputs.iter().map(|id| self.slots.get(&(*id, 0)).copied()).collect();
                    let (steps, made) =
                        self.linker.link_some(plan, &inputs, &given, When::From(at));
                    self.linker.extend(steps);
                    self.slots.extend(outputs.iter().map(|id| (*id, 0)).zip(made));
                }
                Unit::Control { node, plans, masked } => {
                    let of = self.graph.node(*node);
                    let results: Vec<SlotId> =
                        (0..of.types.len()).map(|k| self.slots[&(*node, k)]).collect();
                    match of.op.as_str() {
                        "cond" => self.branch(of, plans, &results, at),
                        "while" => self.repeat_while(*node, plans, *masked, &results, at),
                        _ => self.repeat(*node, plans, &results, at),
                    }
                }
            }
        }
        for (index, root) in self.graph.roots().enumerate() {
            let (from, to) = (self.slot(root), self.linker.root(index));
            if from != to {
                let copy = self.linker.copy(&self.bytes(self.value(root)), from, to);
                self.linker.extend(vec![copy]);
            }
        }
        Ok(self.linker.finish())
    }

    fn branch(&mut self, node: &Node, plans: &[Plan], results: &[SlotId], at: usize) {
        let operands = self.all(&node.inputs);
        let mut arm = |plan| self.linker.link(plan, &operands[1..], results, When::Inside(at));
        let (then, otherwise) = (arm(&plans[0]), arm(&plans[1]));
        self.linker.extend(vec![Step::Branch { condition: operands[0], then, otherwise }]);
    }

    /// Copies the first values of a state into its slots.
    fn enter(&mut self, node: NodeId, operands: &[SlotId], state: &[SlotId]) {
        for (k, (&from, &to)) in operands.iter().zip(state).enumerate() {
            let copy = self.linker.copy(&self.bytes((node, k)), from, to);
            self.linker.extend(vec![copy]);
        }
    }

    fn repeat_while(
        &mut self,
        id: NodeId,
        plans: &[Plan],
        masked: bool,
        state: &[SlotId],
        at: usize,
    ) {
        let (node, inside) = (self.graph.node(id), When::Inside(at));
        let operands = self.all(&node.inputs);
        let captured = operands[state.len()..].to_vec();
        let mut scratch = |name: &str, bytes: Dim| self.linker.scratch(name, bytes, (at, at));
        let go = [0, 1].map(|_| scratch("go", Dim::constant(4)));
        let mut next = Vec::new();
        for k in 0..state.len() {
            let ty = &node.types[k];
            next.push(scratch("next", ty.dtype.tensor_bytes(&ty.dims)));
        }
        self.enter(id, &operands, state);
        let inputs = [state, &captured[..]].concat();
        let head = self.linker.link(&plans[0], &inputs, &[go[0]], inside);
        self.linker.extend(head);
        let rounds_max = match node.attrs.get("trips_max") {
            Some(Attr::Int(max)) => Some(*max),
            _ => None,
        };
        let round = |linker: &mut Linker, from: &[SlotId], to: &[SlotId], way: [SlotId; 2]| {
            let go = if masked { vec![way[0]] } else { Vec::new() };
            let (inputs, outputs) = ([&go, from, &captured[..]].concat(), [to, &[way[1]]].concat());
            linker.link(&plans[1], &inputs, &outputs, inside)
        };
        let mut steps = round(&mut self.linker, state, &next, go);
        // A masked round may run once too often, so that the state can go to and fro; else it is copied back.
        if masked && rounds_max.is_none() {
            steps.extend(round(&mut self.linker, &next, state, [go[1], go[0]]));
        } else {
            for (k, (&from, &to)) in next.iter().zip(state).enumerate() {
                steps.push(self.linker.copy(&self.bytes((id, k)), from, to));
            }
            steps.push(self.linker.copy(&Dim::constant(4), go[1], go[0]));
        }
        let condition = go[0];
        self.linker.extend(vec![Step::While { condition, masked, rounds_max, steps }]);
    }

    fn repeat(&mut self, id: NodeId, plans: &[Plan], results: &[SlotId], at: usize) {
        let node = self.graph.node(id);
        let carried = node.attrs.get_int("carried") as usize;
        let sliced = node.attrs.get_int("sliced") as usize;
        let operands = self.all(&node.inputs);
        let (state, stacked) = results.split_at(carried);
        let walked: Vec<_> = node.inputs[carried..carried + sliced].iter().collect();
        let times = self.graph.ty(*walked[0]).dims[0].clone();
        let part = |dtype: ferrodyne_plan::DType, dims: &[Dim]| dtype.tensor_bytes(&dims[1..]);
        let slice = |linker: &mut Linker, whole: SlotId, bytes: Dim| {
            let part = linker.scratch("slice", bytes.clone(), (at, at));
            Slice { whole, part, bytes }
        };
        let mut slices = Vec::new();
        for (k, x) in walked.iter().enumerate() {
            let ty = self.graph.ty(**x);
            let bytes = part(ty.dtype, &ty.dims);
            slices.push(slice(&mut self.linker, operands[carried + k], bytes));
        }
        let mut stacks = Vec::new();
        for (ty, &whole) in node.types[carried..].iter().zip(stacked) {
            stacks.push(slice(&mut self.linker, whole, part(ty.dtype, &ty.dims)));
        }
        let mut next = Vec::new();
        for ty in &node.types[..carried] {
            let bytes = ty.dtype.tensor_bytes(&ty.dims);
            next.push(self.linker.scratch("next", bytes, (at, at)));
        }
        self.enter(id, &operands, state);
        let parts = |slices: &[Slice]| slices.iter().map(|s| s.part).collect::<Vec<_>>();
        let inputs = [state, &parts(&slices)[..], &operands[carried + sliced..]].concat();
        let outputs = [&next[..], &parts(&stacks)[..]].concat();
        let mut steps = self.linker.link(&plans[0], &inputs, &outputs, When::Inside(at));
        for (k, (&from, &to)) in next.iter().zip(state).enumerate() {
            steps.push(self.linker.copy(&self.bytes((id, k)), from, to));
        }
        self.linker.extend(vec![Step::Repeat { times, slices, steps, stacks }]);
    }
}

#[cfg(test)]
mod tests {
    use ferrodyne_plan::plan::SlotRole;

    use super::*;
    use crate::graph::{ParseCx, parse};
    use crate::ops::Table;

    #[test]
    fn a_weight_in_another_shape_is_not_copied_for_a_loop() {
        let text = "graph f(%x: f32[5, 3], parameter %w: f32[1, 3, 3], parameter %b: f32[3]) {
  body = graph body(%h: f32[3, 1], %r: f32[3], %w: f32[3, 3], %b: f32[3, 1]) {
    %0 = matmul %w %h : f32[3, 1]
    %1 = reshape %r {dims=[3, 1]} : f32[3, 1]
    %2 = add %0 %1 : f32[3, 1]
    %3 = add %2 %b : f32[3, 1]
    return %3 as h
  }
  %0 = reshape %w {dims=[3, 3]} : f32[3, 3]
  %1 = neg %b : f32[3]
  %2 = reshape %1 {dims=[3, 1]} : f32[3, 1]
  %3 = constant {value=f32[3, 1](0.0, 0.0, 0.0)} : f32[3, 1]
  %4 = scan @body %3 %x %0 %2 {carried=1, sliced=1} : f32[3, 1]
  %5 = result %4 {index=0} : f32[3, 1]
  return %5 as y, %0 as w
}
";
        let graph = parse(text, ParseCx::new(&Table)).unwrap_or_else(|fault| panic!("{fault}"));
        for target in [Target::cpu(), Target::software()] {
            let plan = compile(&graph, &target, &Options::default()).expect("it compiles").plan;
            let copied = plan.steps.iter().filter_map(|step| match step {
                Step::Copy { from, to, .. } => {
                    Some((plan.slots[from.0].role, plan.slots[to.0].role))
                }
                _ => None,
            });
            // What is a result of the graph has a slot of its own; the state begins with a constant.
            let kept = |role: &SlotRole| matches!(role, SlotRole::Input(_) | SlotRole::Packed);
            let weights: Vec<_> = copied.filter(|(from, _)| kept(from)).collect();
            let (result, state) = (SlotRole::Output(1), SlotRole::Output(0));
            let want = [(SlotRole::Input(1), result), (SlotRole::Packed, state)];
            assert_eq!(weights, want, "{plan}");
        }
    }
}
