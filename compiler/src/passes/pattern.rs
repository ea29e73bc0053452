//! Shapes of nodes as text, to be found in a graph and to be put in the place of what was found.
//!
//! ```text
//! add(mul(?x, ?y), ?z)              operators on operands; ?x stands for one value wherever it is
//! transpose(?x, axis0=0, axis1=1)   attributes that must be equal; the others may be anything
//! mul(?x, 2)                        a constant whose elements are all this number, to within the rounding of f32
//! ```
//! Operands of commutative operators match in either order.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferrodyne_plan::text::{Cursor, TextError, TokenKind};
use ferrodyne_plan::{Diagnostic, Name};

use super::cse::COMMUTATIVE;
use super::recognise::numbers;
use crate::graph::{Attr, AttrKind, AttrSpec, Attrs, Graph, Node, NodeId, OpRules, Rewriter};
use crate::ops::Table;

/// A shape of nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Term);

#[derive(Clone, Debug, PartialEq)]
enum Term {
    Hole(Name),
    Number(f64),
    Node { op: Name, operands: Vec<Term>, attrs: Attrs },
}

/// Builds something for a match.
type Make<'a> = dyn FnMut(&mut Rewriter<'_>, &Match) -> Result<Option<NodeId>, Diagnostic> + 'a;

/// A place where a pattern fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// The node that the whole pattern stands for.
    pub root: NodeId,
    /// The value of each hole.
    pub holes: BTreeMap<Name, NodeId>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What cannot be read, with its column; operators and attributes that do not exist.
    pub fn parse(text: &str) -> Result<Pattern, Diagnostic> {
        let fault = |error: TextError| {
            Diagnostic::new(
                "pattern",
                format!("`{text}`, column {}: {}", error.column, error.message),
            )
        };
        let mut cursor = Cursor::new(text).map_err(fault)?;
        let term = term(&mut cursor).map_err(fault)?;
        cursor.expect_end().map_err(fault)?;
        Ok(Pattern(term))
    }

    /// All places where the pattern fits, in the order of the graph; not those in the graphs that it calls.
    pub fn find(&self, graph: &Graph) -> Vec<Match> {
        let finder = Finder { graph, numbers: numbers(graph) };
        let at = |root: NodeId| {
            let mut holes = BTreeMap::new();
            finder.fits(&self.0, root, &mut holes).then_some(Match { root, holes })
        };
        graph.ids().filter_map(at).collect()
    }

    /// Puts `by` in the place of every match, also in the graphs that this one calls; its holes are those of this pattern. Returns how many places changed. What
    /// nobody needs any more is left to the pass `dce`.
    ///
    /// # Errors
    /// A hole that this pattern does not have, operands that do not fit, a result of another type than the one it stands for.
    pub fn replace(&self, graph: &mut Graph, by: &Pattern) -> Result<usize, Diagnostic> {
        self.replace_with(graph, |rewriter, found| by.build(rewriter, found).map(Some))
    }

    /// Puts what a function builds in the place of every match, where it builds something: in the graph, then in the graphs that it
    /// calls, each once. `rewriter.old()` is the graph at hand. A match does not reach over the border of a module; `inline` removes
    /// those.
    ///
    /// # Errors
    /// What the function refuses; a result of another type than the one it stands for.
    pub fn replace_with(
        &self,
        graph: &mut Graph,
        mut make: impl FnMut(&mut Rewriter<'_>, &Match) -> Result<Option<NodeId>, Diagnostic>,
    ) -> Result<usize, Diagnostic> {
        self.replace_below(graph, &mut make)
    }

    fn replace_below(&self, graph: &mut Graph, make: &mut Make<'_>) -> Result<usize, Diagnostic> {
        let mut count = self.replace_here(graph, make)?;
        for called in graph.subgraphs.values_mut() {
            let mut inner = (**called).clone();
            let found = self.replace_below(&mut inner, make)?;
            if found > 0 {
                *called = Arc::new(inner);
            }
            count += found;
        }
        Ok(count)
    }

    fn replace_here(&self, graph: &mut Graph, make: &mut Make<'_>) -> Result<usize, Diagnostic> {
        let mut matches: BTreeMap<NodeId, Match> =
            self.find(graph).into_iter().map(|found| (found.root, found)).collect();
        let old = graph.clone();
        let mut rewriter = Rewriter::new(&old, &Table);
        let mut count = 0;
        for id in rewriter.ids() {
            rewriter.enter(id);
            let new = match matches.remove(&id) {
                Some(found) => make(&mut rewriter, &found)?,
                None => None,
            };
            match new {
                Some(new) => {
                    same_type(&rewriter, &old, id, new)?;
                    rewriter.replace(id, new);
                    count += 1;
                }
                None => {
                    rewriter.copy(id);
                }
            }
        }
        if count > 0 {
            *graph = rewriter.finish();
        }
        Ok(count)
    }

    /// Builds the pattern on the new values of a match.
    ///
    /// # Errors
    /// A hole that the match does not have, operands that do not fit.
    pub fn build(&self, rewriter: &mut Rewriter<'_>, found: &Match) -> Result<NodeId, Diagnostic> {
        build(&self.0, rewriter, found)
    }
}

fn same_type(
    rewriter: &Rewriter<'_>,
    old: &Graph,
    id: NodeId,
    new: NodeId,
) -> Result<(), Diagnostic> {
    let (want, got) = (old.ty(id), rewriter.graph().ty(new));
    if want == got {
        return Ok(());
    }
    let op = &old.node(id).op;
    let message = format!("what is to stand for `{op}` is {got}, but `{op}` is {want}");
    Err(Diagnostic::new("pattern", message).at(old.node(id).source.clone()))
}

fn build(term: &Term, rewriter: &mut Rewriter<'_>, found: &Match) -> Result<NodeId, Diagnostic> {
    match term {
        Term::Hole(name) => {
            let value = found.holes.get(name).copied();
            let value = value.ok_or_else(|| {
                let known = found.holes.keys().map(|name| format!("?{name}")).collect::<Vec<_>>();
                let message = format!("there is no hole ?{name}; there are: {}", known.join(", "));
                Diagnostic::new("pattern", message)
            })?;
            Ok(rewriter.get(value))
        }
        Term::Number(value) => {
            let dtype = rewriter.old().ty(found.root).dtype;
            rewriter.builder().scalar(dtype, *value)
        }
        Term::Node { op, operands, attrs } => {
            let operands = operands
                .iter()
                .map(|operand| build(operand, rewriter, found))
                .collect::<Result<Vec<_>, _>>()?;
            rewriter.add(op, &operands, attrs.clone())
        }
    }
}

struct Finder<'a> {
    graph: &'a Graph,
    numbers: Vec<Option<f64>>,
}

impl Finder<'_> {
    /// Whether a value has the shape of a term; `holes` is of use only if it has.
    fn fits(&self, term: &Term, id: NodeId, holes: &mut BTreeMap<Name, NodeId>) -> bool {
        match term {
            Term::Hole(name) => *holes.entry(name.clone()).or_insert(id) == id,
            Term::Number(want) => self.numbers[id.index()]
                .is_some_and(|have| (have - want).abs() <= 1e-6 * want.abs().max(1e-3)),
            Term::Node { op, operands, attrs } => {
                let node = self.graph.node(id);
                node.op == *op
                    && node.inputs.len() == operands.len()
                    && attrs.iter().all(|(name, value)| node.attrs.get(name) == Some(value))
                    && self.operands_fit(node, operands, holes)
            }
        }
    }

    fn operands_fit(
        &self,
        node: &Node,
        operands: &[Term],
        holes: &mut BTreeMap<Name, NodeId>,
    ) -> bool {
        let mut swapped = node.inputs.clone();
        swapped.reverse();
        let commutes = COMMUTATIVE.contains(&node.op.as_str()) && operands.len() == 2;
        let orders = [&node.inputs, &swapped];
        orders.into_iter().take(if commutes { 2 } else { 1 }).any(|order| {
            let mut tried = holes.clone();
            let fits =
                operands.iter().zip(order).all(|(term, &id)| self.fits(term, id, &mut tried));
            if fits {
                *holes = tried;
            }
            fits
        })
    }
}

fn term(cursor: &mut Cursor) -> Result<Term, TextError> {
    if cursor.eat("?") {
        return Ok(Term::Hole(Name::from(cursor.ident()?)));
    }
    let named = matches!(cursor.peek(), TokenKind::Ident(_)) && cursor.is_nth(1, "(");
    if !named {
        return Ok(Term::Number(cursor.float()?));
    }
    let at = cursor.clone();
    let op = cursor.ident()?;
    let specs = Table.attrs(&op).ok_or_else(|| at.error(format!("there is no operator `{op}`")))?;
    cursor.expect("(")?;
    let (mut operands, mut attrs) = (Vec::new(), Attrs::new());
    while !cursor.eat(")") {
        match cursor.is_nth(1, "=") {
            true => attrs = attribute(cursor, &op, specs, attrs)?,
            false => operands.push(term(cursor)?),
        }
        if !cursor.is(")") {
            cursor.expect(",")?;
        }
    }
    Ok(Term::Node { op: Name::from(op), operands, attrs })
}

fn attribute(
    cursor: &mut Cursor,
    op: &str,
    specs: &[AttrSpec],
    attrs: Attrs,
) -> Result<Attrs, TextError> {
    let at = cursor.clone();
    let name = cursor.ident()?;
    let spec = specs.iter().find(|spec| spec.name == name).ok_or_else(|| {
        let known = specs.iter().map(|spec| spec.name).collect::<Vec<_>>();
        let known = if known.is_empty() { "it has none".to_owned() } else { known.join(", ") };
        at.error(format!("`{op}` has no attribute `{name}`: {known}"))
    })?;
    cursor.expect("=")?;
    let value = match spec.kind {
        AttrKind::Int => Attr::Int(cursor.int()?),
        AttrKind::Float => Attr::Float(cursor.float()?),
        AttrKind::Bool => Attr::Bool(word(cursor, &["false", "true"])? == 1),
        AttrKind::Str => Attr::Str(Name::from(cursor.string()?)),
        AttrKind::DType => {
            let text = cursor.ident()?;
            Attr::DType(text.parse().map_err(|error| at.error(format!("{error}")))?)
        }
        AttrKind::Ints => Attr::Ints(integers(cursor)?),
        AttrKind::Dims => Attr::Dims(integers(cursor)?.into_iter().map(Into::into).collect()),
        AttrKind::Tensor => return Err(at.error(format!("`{name}` holds data: write a number"))),
    };
    Ok(attrs.with(&name, value))
}

/// Which of some words stands here.
fn word(cursor: &mut Cursor, words: &[&str]) -> Result<usize, TextError> {
    let found = words.iter().position(|word| cursor.eat(word));
    found.ok_or_else(|| cursor.expected(&words.join(" or ")))
}

fn integers(cursor: &mut Cursor) -> Result<Vec<i64>, TextError> {
    let mut values = Vec::new();
    cursor.expect("[")?;
    while !cursor.eat("]") {
        values.push(cursor.int()?);
        if !cursor.is("]") {
            cursor.expect(",")?;
        }
    }
    Ok(values)
}
