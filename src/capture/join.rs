//! Variables at a join: comes in what each side of a decision left in them, goes out the values that hold behind it.

use std::cell::Cell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::Location;

use ferrodyne_compiler::graph::{Attrs, Node, NodeId, Output};
use ferrodyne_plan::{Name, Source};

use super::cycles::Settled;
use super::path::{Joined, Mark, Seen};
use super::tree::{Collect, Leaves as _, Put, Tree};
use super::{GraphBreak, Leave, Recorder, leave, with};
use crate::error::Result;
use crate::tensor::Tensor;

/// The operator of nodes that stand for a joined value until the graph is placed.
pub(super) const JOIN: &str = "join";

/// What a variable at a join is.
pub enum Val<'a> {
    /// Tensors and host values.
    Tree(&'a mut dyn Tree),
    /// A host value, by its print.
    Host(u64),
    /// Neither.
    Opaque(&'static str),
    /// Not read from here on, and perhaps moved.
    Missing,
}

/// A variable at a join.
pub struct Var<'a> {
    /// The user's name.
    pub name: &'static str,
    /// What it holds.
    pub val: Val<'a>,
}

/// A variable whose kind is chosen by method resolution: the trait on the most-referenced receiver that applies wins.
pub struct Held<'a, T: ?Sized>(Cell<Option<&'a mut T>>);

impl<'a, T: ?Sized> Held<'a, T> {
    /// A variable that is mutably borrowed.
    pub fn new(value: &'a mut T) -> Held<'a, T> {
        Held(Cell::new(Some(value)))
    }
}

/// Chosen for trees.
pub trait HeldTree<'a> {
    /// The variable.
    fn val(&self) -> Val<'a>;
}

impl<'a, T: Tree> HeldTree<'a> for &&Held<'a, T> {
    fn val(&self) -> Val<'a> {
        self.0.take().map_or(Val::Opaque("nothing"), |tree| Val::Tree(tree))
    }
}

/// Chosen for host values that can be compared by a print.
pub trait HeldHost<'a> {
    /// The variable.
    fn val(&self) -> Val<'a>;
}

impl<'a, T: Hash + ?Sized> HeldHost<'a> for &Held<'a, T> {
    fn val(&self) -> Val<'a> {
        let mut hasher = DefaultHasher::new();
        self.0.take().hash(&mut hasher);
        Val::Host(hasher.finish())
    }
}

/// Chosen for all else.
pub trait HeldOpaque<'a> {
    /// The variable.
    fn val(&self) -> Val<'a>;
}

impl<'a, T: ?Sized> HeldOpaque<'a> for Held<'a, T> {
    fn val(&self) -> Val<'a> {
        Val::Opaque(std::any::type_name::<T>())
    }
}

impl<'a> Var<'a> {
    /// A tensor.
    pub(super) fn tensor(name: &'static str, tensor: &'a mut Tensor) -> Var<'a> {
        Var { name, val: Val::Tree(tensor) }
    }

    /// What the variable holds now.
    fn collect(&mut self) -> (Collect, Option<&'static str>) {
        let mut collect = Collect::default();
        let opaque = match &mut self.val {
            Val::Tree(tree) => {
                tree.leaves(&mut collect);
                None
            }
            Val::Host(print) => {
                collect.host(print);
                None
            }
            Val::Opaque(ty) => Some(*ty),
            Val::Missing => None,
        };
        (collect, opaque)
    }

    pub(super) fn put(&mut self, tensors: Vec<Option<Tensor>>) {
        if let Val::Tree(tree) = &mut self.val
            && tensors.iter().any(Option::is_some)
        {
            tree.leaves(&mut Put(tensors.into_iter()));
        }
    }
}

/// Marks a place before a decision.
pub(crate) fn mark(place: &'static Location<'static>, number: usize) -> Mark {
    with(|recorder| if recorder.reads() { Mark::NONE } else { recorder.path.mark(place, number) })
        .unwrap_or(Mark::NONE)
}

/// Takes a side of a decision on a recorded condition; `None` where the value must be read instead.
pub(crate) fn decide(condition: &Tensor, source: &Source) -> Option<bool> {
    let side = with(|recorder| match recorder.reads() || recorder.why_read(source).is_some() {
        true => None,
        false => Some(recorder.decide(condition, source)),
    });
    match side.flatten()? {
        Ok(side) => Some(side),
        Err(why) => leave(Leave::Replay(why)),
    }
}

/// Joins variables behind a decision.
pub(crate) fn join(mark: Mark, vars: &mut [Var<'_>]) {
    if !mark.is_recorded() {
        return;
    }
    loop {
        let seen = look(vars);
        let joined = with(|recorder| match recorder.reads() {
            true => Ok(None),
            false => {
                let joined = recorder.path.join(mark, &seen)?;
                recorder.values_of(joined, &seen)
            }
        });
        match joined {
            None | Some(Ok(None)) => return,
            Some(Err(why)) => leave(Leave::Replay(why)),
            Some(Ok(Some(Values::Again))) => leave(Leave::Again),
            Some(Ok(Some(Values::Of(values)))) => {
                vars.iter_mut().zip(values).for_each(|(var, tensors)| var.put(tensors));
            }
        }
    }
}

/// What variables hold.
pub(super) fn look(vars: &mut [Var<'_>]) -> Vec<Seen> {
    let one = |var: &mut Var<'_>| {
        let missing = matches!(var.val, Val::Missing);
        let (collect, opaque) = var.collect();
        Seen { missing, ..seen(var.name, &collect.tensors, &collect.print, opaque) }
    };
    vars.iter_mut().map(one).collect()
}

/// A variable with the nodes of its tensors.
fn seen(name: &'static str, tensors: &[Tensor], print: &str, opaque: Option<&'static str>) -> Seen {
    let nodes = with(|recorder| {
        tensors
            .iter()
            .map(|tensor| recorder.node(tensor, name, &Source::unknown()))
            .collect::<Result<Vec<NodeId>>>()
    });
    match nodes {
        Some(Ok(nodes)) => Seen { name, nodes, print: print.to_owned(), opaque, missing: false },
        _ => Seen {
            name,
            nodes: Vec::new(),
            print: print.to_owned(),
            opaque: Some("a tensor of another capture"),
            missing: false,
        },
    }
}

/// What variables take at a join.
pub(crate) enum Values {
    /// These tensors, one list a variable; `None` keeps what is there.
    Of(Vec<Vec<Option<Tensor>>>),
    /// Nothing: the body must be recorded again.
    Again,
}

impl Recorder {
    fn decide(&mut self, condition: &Tensor, source: &Source) -> Result<bool, GraphBreak> {
        let node = self
            .node(condition, "a condition", source)
            .map_err(|error| GraphBreak::new(error.to_string(), source, "read the value"))?;
        let source = self.place(source);
        self.path.decide(node, &source)
    }

    /// The tensors that a step of a join gives to variables; `None` when the join is done.
    pub(super) fn values_of(
        &mut self,
        joined: Joined,
        now: &[Seen],
    ) -> Result<Option<Values>, GraphBreak> {
        let (nodes, source) = match joined {
            Joined::Kept => return Ok(None),
            Joined::Again => return Ok(Some(Values::Again)),
            Joined::Put(nodes) => (nodes, Source::unknown()),
            Joined::Close { decision, condition, first, source } => {
                let mut results = Vec::new();
                for (first, second) in first.iter().zip(now) {
                    results.push(self.join_one(decision, condition, first, second, &source)?);
                }
                self.path.set_results(decision, results.clone());
                (results, source)
            }
        };
        self.joined.clone_from(&nodes);
        let mut values = Vec::new();
        for (nodes, now) in nodes.into_iter().zip(now) {
            let mut tensors = Vec::new();
            for (node, old) in nodes.into_iter().zip(&now.nodes) {
                tensors.push(match node == *old {
                    true => None,
                    false => {
                        let sizes = self.hints(node).map_err(|error| {
                            GraphBreak::new(error.to_string(), &source, "declare the sizes")
                        })?;
                        Some(self.handle(node, sizes))
                    }
                });
            }
            values.push(tensors);
        }
        Ok(Some(Values::Of(values)))
    }

    fn join_one(
        &mut self,
        decision: usize,
        condition: NodeId,
        first: &Seen,
        second: &Seen,
        source: &Source,
    ) -> Result<Vec<NodeId>, GraphBreak> {
        let name = first.name;
        if first.missing || second.missing {
            return Ok(if first.missing { second.nodes.clone() } else { first.nodes.clone() });
        }
        if let Some(ty) = first.opaque.or(second.opaque) {
            let why = format!("{name} is {ty}, which a decision on a tensor cannot choose between");
            let hint =
                "choose between tensors, containers of them, or types with `#[derive(Tree)]`";
            return Err(GraphBreak::new(why, source, hint));
        }
        if first.print != second.print || first.nodes.len() != second.nodes.len() {
            let why = format!(
                "{name} differs on the host between the branches of a decision on a tensor"
            );
            let hint =
                "let both branches leave the same host values, or keep the value in a tensor";
            return Err(GraphBreak::new(why, source, hint));
        }
        let pairs = first.nodes.iter().zip(&second.nodes);
        pairs.map(|(&a, &b)| self.join_node(decision, condition, [a, b], name, source)).collect()
    }

    /// The node of a joined value.
    pub(super) fn join_node(
        &mut self,
        decision: usize,
        condition: NodeId,
        [a, b]: [NodeId; 2],
        name: &str,
        source: &Source,
    ) -> Result<NodeId, GraphBreak> {
        if a == b {
            return Ok(a);
        }
        let (first, second) = (self.builder.ty(a).clone(), self.builder.ty(b).clone());
        if !self.are_alike(&first, &second, "if", source) {
            let why = format!(
                "{name} is {first} in one branch of a decision on a tensor and {second} in the other"
            );
            let hint = "give the value the same element type and shape in both branches";
            return Err(GraphBreak::new(why, source, hint));
        }
        let graph = self.builder.graph_mut();
        let node = graph.push(Node {
            op: Name::from(JOIN),
            attrs: Attrs::new().int("decision", decision as i64),
            inputs: vec![condition, a, b],
            types: vec![first],
            calls: Vec::new(),
            name: None,
            source: source.clone(),
        });
        Ok(node)
    }

    /// Closes the decisions that are open at the function's end; `None` when they are closed, with the nodes of its results.
    pub(crate) fn end(
        &mut self,
        outputs: &mut [(Name, Tensor)],
        print: &str,
    ) -> Result<End, GraphBreak> {
        loop {
            let mut nodes = Vec::new();
            for (_, tensor) in outputs.iter() {
                let node = self.node(tensor, "return", &Source::unknown());
                nodes.push(node.map_err(|error| {
                    GraphBreak::new(error.to_string(), &Source::unknown(), "return its own tensors")
                })?);
            }
            let (print, opaque, missing) = (print.to_owned(), None, false);
            let now = [Seen { name: "the result", nodes, print, opaque, missing }];
            let joined = self.path.end(&now)?;
            match self.values_of(joined, &now)? {
                Some(Values::Again) => return Ok(End::Again),
                Some(Values::Of(values)) => {
                    let values = values.into_iter().flatten();
                    for ((_, output), value) in outputs.iter_mut().zip(values) {
                        if let Some(value) = value {
                            *output = value;
                        }
                    }
                }
                None if self.path.finish(&now)? => return Ok(End::Again),
                None => return self.ended(&now[0].nodes),
            }
        }
    }
}

impl Recorder {
    /// Nothing of a loop's state may be used outside of the loop.
    fn ended(&self, results: &[NodeId]) -> Result<End, GraphBreak> {
        if self.path.loops.is_empty() && self.made.is_empty() {
            return Ok(End::Done);
        }
        let mut graph = self.builder.graph().clone();
        let written = self.written.iter().map(|written| written.value);
        for node in results.iter().copied().chain(written) {
            graph.outputs.push(Output { name: Name::from("result"), node });
        }
        match Settled::new(&graph, self.cycles()).leak() {
            Some(index) if index % 2 == 0 => Err(self.path.unseen_trip(index / 2)),
            Some(index) => Err(self.made_leak(index / 2)),
            None => Ok(End::Done),
        }
    }
}

/// How a recording ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// Another one is needed.
    Again,
    /// All is known.
    Done,
}
