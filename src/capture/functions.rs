//! Branches and loops that functions make: comes in what their closures do with tensors, recorded in place, goes out the same marks as
//! the code's own branches and loops leave.

use ferrodyne_compiler::graph::{Attrs, NodeId, TensorType};
use ferrodyne_plan::Source;

use super::recorder::MadeKey;
use super::repeat::{ARGUMENT, Cycle, RESULT, Walk};
use super::{GraphBreak, Leave, Recorder, leave, with};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// Decisions of the code have numbers below: half of all there are, also where a number has 32 bits.
const DECISIONS: usize = usize::MAX / 2;

/// What a trip leaves.
pub(crate) struct Body {
    /// The condition of the next trip, for loops that have one.
    pub(crate) head: Option<Tensor>,
    /// The next state.
    pub(crate) next: Vec<Tensor>,
    /// What is stacked.
    pub(crate) parts: Vec<Tensor>,
}

fn recorded<R>(f: impl FnOnce(&mut Recorder) -> Result<R>) -> Result<R> {
    with(f).unwrap_or_else(|| Err(Error::at("capture", "there is no recording", Source::unknown())))
}

/// Runs a closure inside of a branch or a loop, if conditions are recorded and not read.
fn inside<R>(source: &Source, f: impl FnOnce() -> R) -> R {
    with(|recorder| recorder.inside.push(source.clone()));
    let result = f();
    with(|recorder| recorder.inside.pop());
    result
}

/// Whether branches and loops become part of a graph.
pub(crate) fn is_recorded() -> bool {
    with(|recorder| !recorder.reads()).unwrap_or(false)
}

/// Both arms of a branch, joined.
///
/// # Errors
/// Results of different numbers or types.
pub(crate) fn decide_between(
    condition: &Tensor,
    then: impl FnOnce() -> Vec<Tensor>,
    otherwise: impl FnOnce() -> Vec<Tensor>,
    source: &Source,
) -> Result<Vec<Tensor>> {
    let (a, b) = (inside(source, then), inside(source, otherwise));
    if a.len() != b.len() {
        let text = format!("cond: the arms give {} and {} results: give as many", a.len(), b.len());
        return Err(Error::at("arity", text, source.clone()));
    }
    let joined = recorded(|recorder| {
        let condition = recorder.node(condition, "cond", source)?;
        let nodes = |recorder: &mut Recorder, all: &[Tensor]| {
            let node = |t: &Tensor| recorder.node(t, "cond", source);
            all.iter().map(node).collect::<Result<Vec<NodeId>>>()
        };
        let sides = (condition, nodes(recorder, &a)?, nodes(recorder, &b)?);
        if let Some((_, known)) = recorder.made_joins.iter().find(|(other, _)| *other == sides) {
            let known = known.clone();
            return recorder.handles(&known);
        }
        let decision = DECISIONS + recorder.made_joins.len();
        let mut joined = Vec::new();
        for (k, (&a, &b)) in sides.1.iter().zip(&sides.2).enumerate() {
            let name = format!("result {k} of cond");
            match recorder.join_node(decision, condition, [a, b], &name, source) {
                Ok(node) => joined.push(node),
                Err(why) => return Err(Error::at("shape", why.reason, source.clone())),
            }
        }
        recorder.made_joins.push((sides, joined.clone()));
        recorder.handles(&joined)
    })?;
    Ok(joined)
}

/// A loop: as long as a condition holds, or along the first axes of `whole`. Gives the last state, and what was stacked.
///
/// # Errors
/// A state that changes its type.
pub(crate) fn walk(
    begin: &[Tensor],
    whole: &[Tensor],
    body: impl FnOnce(&[Tensor], &[Tensor]) -> Result<Body>,
    source: &Source,
) -> Result<(Vec<Tensor>, Vec<Tensor>)> {
    let (index, state, slices) = recorded(|recorder| recorder.enter_made(begin, whole, source))?;
    let body = inside(source, || body(&state, &slices))?;
    if body.next.len() != state.len() {
        let (want, got) = (state.len(), body.next.len());
        let text = format!("the body gives {got} states, but the loop carries {want}");
        return Err(Error::at("arity", text, source.clone()));
    }
    match recorded(|recorder| recorder.end_made(index, &body, source))? {
        Some(results) => Ok(results),
        None => leave(Leave::Replay(super::path::not_deterministic(source))),
    }
}

impl Recorder {
    fn handles(&mut self, nodes: &[NodeId]) -> Result<Vec<Tensor>> {
        let handle = |&node: &NodeId| {
            let sizes = self.hints(node)?;
            Ok(self.handle(node, sizes))
        };
        nodes.iter().map(handle).collect()
    }

    /// Begins a loop: the one that stands here in earlier recordings, or a new one. Gives its number, its state and its slices.
    fn enter_made(
        &mut self,
        begin: &[Tensor],
        whole: &[Tensor],
        source: &Source,
    ) -> Result<(usize, Vec<Tensor>, Vec<Tensor>)> {
        let node = |t: &Tensor| self.node(t, "a loop", source);
        let all = begin.iter().chain(whole).map(node).collect::<Result<Vec<NodeId>>>()?;
        let key: MadeKey = (source.clone(), all.clone());
        let uses = self.made_uses.entry(key.clone()).or_default();
        *uses += 1;
        let nth = *uses - 1;
        let known = self.made.iter().enumerate().filter(|(_, (_, other))| *other == key);
        let known = known.map(|(index, _)| index).nth(nth);
        let index = known.unwrap_or(self.made.len());
        if known.is_none() {
            let attrs = Attrs::new().int("loop", 2 * index as i64 + 1);
            let (begin, whole) = all.split_at(begin.len());
            let types: Vec<TensorType> =
                all.iter().map(|&id| self.builder.ty(id).clone()).collect();
            let mut arguments = Vec::new();
            for ty in &types[..begin.len()] {
                arguments.push(self.pseudo(
                    ARGUMENT,
                    Vec::new(),
                    ty.clone(),
                    attrs.clone(),
                    source,
                ));
            }
            let mut slices = Vec::new();
            for ty in &types[begin.len()..] {
                let ty = TensorType { dtype: ty.dtype, dims: ty.dims[1..].to_vec() };
                slices.push(self.pseudo(ARGUMENT, Vec::new(), ty, attrs.clone(), source));
            }
            let walk = Walk { whole: whole.to_vec(), slices, ..Walk::default() };
            let cycle = Cycle {
                source: self.place(source),
                arguments,
                begin: begin.to_vec(),
                next: Vec::new(),
                results: Vec::new(),
                head: None,
                goes_on: NodeId(0),
                walk: Some(walk).filter(|walk| !walk.whole.is_empty()),
            };
            self.made.push((cycle, key));
        }
        let cycle = self.made[index].0.clone();
        let slices = cycle.walk.map(|walk| walk.slices).unwrap_or_default();
        Ok((index, self.handles(&cycle.arguments)?, self.handles(&slices)?))
    }

    /// Ends a loop; `None` where it does something else than in an earlier recording.
    fn end_made(
        &mut self,
        index: usize,
        body: &Body,
        source: &Source,
    ) -> Result<Option<(Vec<Tensor>, Vec<Tensor>)>> {
        let of = |recorder: &mut Recorder, all: &[Tensor]| {
            let node = |t: &Tensor| recorder.node(t, "a loop", source);
            all.iter().map(node).collect::<Result<Vec<NodeId>>>()
        };
        let (next, parts) = (of(self, &body.next)?, of(self, &body.parts)?);
        let head = body.head.as_ref().map(|head| self.node(head, "a condition", source));
        let head = head.transpose()?;
        let cycle = self.made[index].0.clone();
        for (k, (&a, &b)) in cycle.arguments.iter().zip(&next).enumerate() {
            let (before, after) = (self.builder.ty(a).clone(), self.builder.ty(b).clone());
            if !self.are_alike(&before, &after, "a loop", source) {
                let text = format!(
                    "state {k} of a loop is {before}, but its body gives {after}: keep its type"
                );
                return Err(Error::at("shape", text, source.clone()));
            }
        }
        let known_parts = cycle.walk.as_ref().map_or(&[][..], |walk| &walk.parts);
        let complete = !cycle.results.is_empty()
            || cycle.walk.as_ref().is_some_and(|walk| !walk.stacked.is_empty());
        if complete && (cycle.next != next || known_parts != parts || cycle.head != head) {
            return Ok(None);
        }
        if !complete {
            self.complete(index, next, parts, head, source)?;
        }
        let cycle = self.made[index].0.clone();
        let stacked = cycle.walk.map(|walk| walk.stacked).unwrap_or_default();
        Ok(Some((self.handles(&cycle.results)?, self.handles(&stacked)?)))
    }

    fn complete(
        &mut self,
        index: usize,
        next: Vec<NodeId>,
        parts: Vec<NodeId>,
        head: Option<NodeId>,
        source: &Source,
    ) -> Result<()> {
        let mut cycle = self.made[index].0.clone();
        let goes_on = match self.flag(true) {
            Ok(flag) => self.node(&flag, "a loop", source)?,
            Err(_) => return Err(Error::at("capture", "no constant can be made", source.clone())),
        };
        let whole = cycle.walk.as_ref().map_or(&[][..], |walk| &walk.whole).to_vec();
        let mut inputs: Vec<NodeId> = cycle.begin.clone();
        inputs.extend(whole.iter().chain(&next).chain(&parts).copied().chain(head));
        inputs.push(goes_on);
        let attrs = Attrs::new().int("loop", 2 * index as i64 + 1);
        let mut results = Vec::new();
        for ((&begin, &argument), &next) in cycle.begin.iter().zip(&cycle.arguments).zip(&next) {
            results.push(match argument == next {
                true => begin,
                false => {
                    let ty = self.builder.ty(begin).clone();
                    self.pseudo(RESULT, inputs.clone(), ty, attrs.clone(), source)
                }
            });
        }
        if let Some(walk) = &mut cycle.walk {
            let trips = self.builder.ty(walk.whole[0]).dims[0].clone();
            for &part in &parts {
                let mut ty = self.builder.ty(part).clone();
                ty.dims.insert(0, trips.clone());
                walk.stacked.push(self.pseudo(RESULT, inputs.clone(), ty, attrs.clone(), source));
            }
            walk.parts = parts;
        }
        (cycle.next, cycle.results, cycle.head, cycle.goes_on) = (next, results, head, goes_on);
        self.made[index].0 = cycle;
        Ok(())
    }

    /// A loop of a function whose state is used outside of it.
    pub(super) fn made_leak(&self, index: usize) -> GraphBreak {
        let source = self.made.get(index).map(|(cycle, _)| cycle.source.clone());
        let why = "a tensor of a loop's body is used outside of the loop";
        let hint = "return it from the body as part of the state";
        GraphBreak::new(why, &source.unwrap_or_default(), hint)
    }
}
