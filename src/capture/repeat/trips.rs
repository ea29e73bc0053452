//! Trips as the recorder makes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferrodyne_compiler::graph::{Attrs, Node, NodeId, TensorType};
use ferrodyne_plan::{DType, HostTensor, Name, Source};

use super::{ARGUMENT, Cycle, Fault, Given, Kind, Loop, RESULT, Site, Stage, Tested, Trip};
use crate::capture::path::{Anchor, Frame, Mark, Owner, Seen, not_deterministic};
use crate::capture::{GraphBreak, Recorder};
use crate::tensor::Tensor;

impl Recorder {
    /// Notes what a loop is; all must be recorded anew.
    pub(super) fn set_kind(&mut self, site: Site, kind: Kind) -> Fault {
        if self.path.is_check() {
            return not_deterministic(&Source::unknown()).into();
        }
        self.path.kinds.insert(site, kind);
        self.path.restart();
        Fault::Again
    }

    /// A loop that cannot be part of the graph: one that tensors do not end by its condition may still be unrolled.
    fn refuse(&mut self, site: Site, why: GraphBreak) -> Fault {
        match self.path.kinds.get(&site) {
            Some(Kind::Tensor { headed: false }) if !self.path.is_check() => {
                self.set_kind(site, Kind::Host(Some(why)))
            }
            _ => Fault::Break(why),
        }
    }

    /// A loop that is left, or ends a trip, on one side of a decision is one on tensors.
    pub(super) fn probe(&mut self, site: Site, before: Mark) -> Result<(), Fault> {
        match self.path.frames.len() > before.frames() {
            true => Err(self.set_kind(site, Kind::Tensor { headed: false })),
            false => Ok(()),
        }
    }

    /// Begins a loop of the graph; gives its number, and the arguments for its variables.
    pub(super) fn enter_loop(
        &mut self,
        site: Site,
        source: &Source,
        now: &[Seen],
    ) -> Result<(usize, Given), Fault> {
        let frame = self.path.frames.last_mut().expect("a recording has begun");
        let (owner, nth) = (frame.owner, frame.loops);
        frame.loops += 1;
        let same = |trip: &Trip| trip.site == site && trip.owner == owner && trip.nth == nth;
        if let Some(index) = self.path.loops.iter().position(same) {
            return match self.path.loops[index].begin == now {
                true => Ok((index, self.arguments_of(index)?)),
                false => Err(not_deterministic(source).into()),
            };
        }
        if self.path.is_check() {
            return Err(not_deterministic(source).into());
        }
        if let Some((name, ty)) = now.iter().find_map(|seen| Some((seen.name, seen.opaque?))) {
            let why = format!("{name} is {ty}, which a loop on a tensor cannot carry");
            let hint = "carry tensors, containers of them, or types with `#[derive(Tree)]`";
            return Err(self.refuse(site, GraphBreak::new(why, source, hint)));
        }
        let index = self.path.loops.len();
        let mut arguments = Vec::new();
        for seen in now {
            let own = seen.nodes.iter().map(|&node| self.argument_of(index, node, source));
            arguments.push(own.collect());
        }
        self.path.loops.push(Trip {
            site,
            source: self.place(source),
            owner,
            nth,
            inside: Vec::new(),
            begin: now.to_vec(),
            arguments,
            head: None,
            next: None,
            results: Vec::new(),
        });
        Ok((index, self.arguments_of(index)?))
    }

    fn argument_of(&mut self, index: usize, begin: NodeId, source: &Source) -> NodeId {
        let ty = self.builder.ty(begin).clone();
        let attrs = Attrs::new().int("loop", 2 * index as i64);
        self.pseudo(ARGUMENT, Vec::new(), ty, attrs, source)
    }

    pub(in crate::capture) fn pseudo(
        &mut self,
        op: &str,
        inputs: Vec<NodeId>,
        ty: TensorType,
        attrs: Attrs,
        source: &Source,
    ) -> NodeId {
        self.builder.graph_mut().push(Node {
            op: Name::from(op),
            attrs,
            inputs,
            types: vec![ty],
            calls: Vec::new(),
            name: None,
            source: source.clone(),
        })
    }

    /// Handles of nodes, by variable.
    fn handles_of(&mut self, nodes: &[Vec<NodeId>]) -> Result<Given, Fault> {
        let mut all = Vec::new();
        for nodes in nodes {
            let mut own = Vec::new();
            for &node in nodes {
                let sizes = self.hints(node).map_err(|error| {
                    GraphBreak::new(error.to_string(), &Source::unknown(), "declare the sizes")
                })?;
                own.push(Some(self.handle(node, sizes)));
            }
            all.push(own);
        }
        Ok(all)
    }

    pub(super) fn arguments_of(&mut self, index: usize) -> Result<Given, Fault> {
        let arguments = self.path.loops[index].arguments.clone();
        self.handles_of(&arguments)
    }

    /// A truth value that is known.
    pub(in crate::capture) fn flag(&mut self, value: bool) -> Result<Tensor, Fault> {
        let bytes = Arc::new(vec![u8::from(value)]);
        let data = HostTensor { dtype: DType::Bool, dims: Vec::new(), bytes };
        let attrs = Attrs::new().tensor("value", Arc::new(data));
        let node = self.node_of("constant", &[], &attrs, &Source::unknown());
        let node = node.map_err(|error| {
            GraphBreak::new(error.to_string(), &Source::unknown(), "report this as a fault")
        })?;
        Ok(self.handle(node, Vec::new()))
    }

    /// The condition of a loop of the graph.
    pub(super) fn test_loop(
        &mut self,
        this: &mut Loop,
        condition: &Tested<'_>,
        source: &Source,
    ) -> Result<bool, Fault> {
        let index = this.index;
        let head = match condition {
            Tested::Host(true) => None,
            Tested::Host(false) => {
                let why = self.path.unseen_trip(index);
                return Err(self.refuse(this.site, why));
            }
            Tested::Tensor(tensor) => {
                let node = self.node(tensor, "a condition", source).map_err(|error| {
                    GraphBreak::new(error.to_string(), source, "read the value")
                })?;
                Some(node)
            }
        };
        let first = this.stage == Stage::Head;
        let trip = &mut self.path.loops[index];
        if first && trip.next.is_none() {
            trip.head = head;
        } else if trip.head != head {
            return Err(self.path.unseen_trip(index).into());
        }
        this.stage = Stage::Behind;
        if this.trips >= self.path.trips_of(index) {
            return Ok(false);
        }
        this.trips += 1;
        this.stage = Stage::Body;
        self.path.draining = false;
        self.path.frames.push(Frame::of(Owner::Body(index)));
        self.path.enter(Anchor::Body(index))?;
        this.trip = self.path.mark_trip(this.site);
        Ok(true)
    }

    /// Ends a trip whose decisions are closed: what the variables hold is the next state.
    pub(super) fn end_trip(&mut self, index: usize, now: &[Seen]) -> Result<(), Fault> {
        let joined = std::mem::take(&mut self.joined);
        let trip = &self.path.loops[index];
        let (site, source) = (trip.site, trip.source.clone());
        let mut next = Vec::new();
        let (flag, vars) = now.split_last().expect("the flag stands behind the variables");
        let (begin, arguments) = (trip.begin.clone(), trip.arguments.clone());
        for ((seen, begin), arguments) in vars.iter().zip(&begin).zip(&arguments) {
            if seen.missing {
                let known = joined.get(next.len()).filter(|nodes| nodes.len() == arguments.len());
                next.push(known.unwrap_or(arguments).clone());
                continue;
            }
            let name = seen.name;
            if let Some(ty) = seen.opaque {
                let why = format!("{name} is {ty}, which a loop on a tensor cannot carry");
                let hint = "carry tensors, containers of them, or types with `#[derive(Tree)]`";
                return Err(self.refuse(site, GraphBreak::new(why, &source, hint)));
            }
            if begin.print != seen.print || arguments.len() != seen.nodes.len() {
                let why = format!("{name} changes on the host in a loop on a tensor");
                let hint = "keep the value in a tensor, or loop over a range: `for i in 0..n`";
                return Err(self.refuse(site, GraphBreak::new(why, &source, hint)));
            }
            for (&a, &b) in arguments.iter().zip(&seen.nodes) {
                let (before, after) = (self.builder.ty(a).clone(), self.builder.ty(b).clone());
                if self.are_alike(&before, &after, "a loop", &source) {
                    continue;
                }
                let why = format!(
                    "{name} is {before} before a trip through a loop on a tensor and {after} behind it"
                );
                let hint = "keep element type and shape: convert, pad or slice the value";
                return Err(self.refuse(site, GraphBreak::new(why, &source, hint)));
            }
            next.push(seen.nodes.clone());
        }
        let next = (next, flag.nodes[0]);
        match &self.path.loops[index].next {
            Some(known) if *known != next => return Err(self.path.unseen_trip(index).into()),
            Some(_) => {}
            None => self.path.loops[index].next = Some(next),
        }
        self.path.frames.pop();
        self.path.draining = true;
        Ok(())
    }

    /// The results of a loop that is left.
    pub(super) fn results_of(&mut self, index: usize) -> Result<Given, Fault> {
        self.path.draining = false;
        self.path.enter(Anchor::BehindLoop(index))?;
        if self.path.loops[index].results.is_empty() {
            self.make_results(index);
        }
        let results = self.path.loops[index].results.clone();
        self.handles_of(&results)
    }

    /// A tensor that no trip changes is what it was before.
    fn make_results(&mut self, index: usize) {
        let trip = &self.path.loops[index];
        let Some((next, goes_on)) = trip.next.clone() else { return };
        let (begin, arguments, source) =
            (trip.begin.clone(), trip.arguments.clone(), trip.source.clone());
        let mut inputs: Vec<NodeId> = begin.iter().flat_map(|seen| seen.nodes.clone()).collect();
        inputs.extend(next.iter().flatten());
        inputs.extend(trip.head);
        inputs.push(goes_on);
        let mut results = Vec::new();
        for ((begin, next), arguments) in begin.iter().zip(&next).zip(&arguments) {
            let mut own = Vec::new();
            for ((&begin, next), argument) in begin.nodes.iter().zip(next).zip(arguments) {
                own.push(match next == argument {
                    true => begin,
                    false => {
                        let ty = self.builder.ty(begin).clone();
                        let attrs = Attrs::new().int("loop", 2 * index as i64);
                        self.pseudo(RESULT, inputs.clone(), ty, attrs, &source)
                    }
                });
            }
            results.push(own);
        }
        self.path.loops[index].results = results;
    }

    /// The loops as they are placed: those of the code have even numbers, those of functions odd ones.
    pub(in crate::capture) fn cycles(&self) -> BTreeMap<usize, Cycle> {
        let cycle = |trip: &Trip| {
            let (next, goes_on) = trip.next.clone().unwrap_or((Vec::new(), NodeId(0)));
            let mut cycle = Cycle {
                source: trip.source.clone(),
                arguments: Vec::new(),
                begin: Vec::new(),
                next: Vec::new(),
                results: Vec::new(),
                head: trip.head,
                goes_on,
                walk: None,
            };
            for (k, next) in next.iter().enumerate() {
                for (i, &next) in next.iter().enumerate() {
                    cycle.arguments.push(trip.arguments[k][i]);
                    cycle.begin.push(trip.begin[k].nodes[i]);
                    cycle.next.push(next);
                    cycle.results.push(trip.results.get(k).map_or(NodeId(0), |own| own[i]));
                }
            }
            cycle
        };
        let code = self.path.loops.iter().map(cycle).enumerate().map(|(k, cycle)| (2 * k, cycle));
        let made = self.made.iter().enumerate().map(|(k, (cycle, _))| (2 * k + 1, cycle.clone()));
        code.chain(made).collect()
    }
}
