//! Which variables a join must hold: comes in a function's body, goes out for each branch and loop the variables that it changes and
//! that are read behind it before they are assigned.
//!
//! A variable that is listed is initialised and not moved at the join, because some path reads it from there: so the borrow
//! checker accepts `&mut` of it. Where this is too cautious, a variable is not joined, which the recorder notices.

mod walk;

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit::Visit;
use syn::{Attribute, Block, Expr, Ident, Member, Signature, Type, UnOp};

use crate::changes::root_of;
use crate::scope::{Binding, Scopes, name_of};

/// A place to be joined: its name, which is also what is borrowed, and the expression of it.
#[derive(Clone)]
pub(crate) struct Joined {
    pub(crate) name: String,
    pub(crate) tokens: TokenStream,
    /// Whether it changes by a call that the borrow checker does not know to be a change: of a cell, or of a closure.
    pub(crate) hidden: bool,
}

/// What is known of a branch or a loop.
#[derive(Clone, Default)]
pub(crate) struct Site {
    /// Its number in the function.
    pub(crate) number: usize,
    /// Whether anything follows.
    pub(crate) reached: bool,
    /// What it changes of what is read behind it.
    pub(crate) joined: Vec<Joined>,
    /// Of a loop that may be part of the graph: what its trips change of what they read, and whether it is read behind the loop.
    pub(crate) carried: Option<Vec<(Joined, bool)>>,
    /// Whether it is a loop over a range that a tensor may end.
    pub(crate) is_range: bool,
}

/// The number that an expression was given by [`crate::branch::number`].
pub(crate) fn number_of(attributes: &[Attribute]) -> Option<usize> {
    let attribute = attributes.iter().find(|a| a.path().is_ident("__fd"))?;
    attribute.parse_args::<syn::LitInt>().ok()?.base10_parse().ok()
}

/// Finds the sites of a body.
pub(crate) fn sites(signature: &Signature, body: &Block) -> HashMap<usize, Site> {
    let mut flow = Flow::default();
    flow.scopes.push();
    let start = flow.point(None);
    flow.at = Some(start);
    for input in &signature.inputs {
        match input {
            syn::FnArg::Typed(argument) => {
                let reference = is_mutable_reference(&argument.ty);
                flow.scopes.declare_pattern(&argument.pat, false, reference);
            }
            syn::FnArg::Receiver(receiver) => {
                let reference = receiver.reference.is_some() && receiver.mutability.is_some();
                let mutable = receiver.reference.is_none() && receiver.mutability.is_some();
                let binding = Binding { mutable, reference, deferred: false };
                flow.scopes.declare("self".to_owned(), binding);
            }
        }
    }
    flow.visit_block(body);
    flow.finish()
}

fn is_mutable_reference(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_some())
}

/// A step of the body: what it does to a variable, and what may follow.
struct Point {
    event: Option<(usize, Event)>,
    next: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum Event {
    Read,
    Assigned,
}

struct Raw {
    join: Option<usize>,
    /// Where trips through a loop begin.
    start: Option<usize>,
    changes: Vec<(usize, Joined)>,
}

struct Loop {
    label: Option<Ident>,
    head: Option<usize>,
    exit: usize,
    is_left: bool,
    /// Whether a `break` gives it a value.
    has_value: bool,
}

/// One side of a branch.
type Arm<'a> = Box<dyn FnOnce(&mut Flow) + 'a>;

#[derive(Default)]
struct Flow {
    scopes: Scopes,
    points: Vec<Point>,
    at: Option<usize>,
    loops: Vec<Loop>,
    /// What is changed in the arms around, outermost first.
    changes: Vec<Vec<(usize, Joined)>>,
    raw: HashMap<usize, Raw>,
}

impl Flow {
    fn point(&mut self, event: Option<(usize, Event)>) -> usize {
        let point = self.points.len();
        self.points.push(Point { event, next: Vec::new() });
        if let Some(at) = self.at {
            self.points[at].next.push(point);
        }
        point
    }

    fn event(&mut self, binding: usize, event: Event) {
        if self.at.is_some() {
            self.at = Some(self.point(Some((binding, event))));
        }
    }

    fn read(&mut self, name: &str) {
        if let Some(binding) = self.scopes.find(name) {
            self.event(binding, Event::Read);
        }
    }

    fn meet(&mut self, ends: &[Option<usize>]) -> Option<usize> {
        let ends: Vec<usize> = ends.iter().flatten().copied().collect();
        if ends.is_empty() {
            return None;
        }
        self.at = None;
        let point = self.point(None);
        for end in ends {
            self.points[end].next.push(point);
        }
        Some(point)
    }

    fn jump(&mut self, target: usize) {
        if let Some(at) = self.at.take() {
            self.points[at].next.push(target);
        }
    }

    /// Notes that an expression's place is changed.
    fn change(&mut self, target: &Expr) {
        if let Some((binding, joined)) = self.place(target)
            && let Some(changes) = self.changes.last_mut()
        {
            changes.push((binding, joined));
        }
    }

    /// The place that an expression is or lies in, as far as it can be borrowed whatever else is.
    fn place(&self, target: &Expr) -> Option<(usize, Joined)> {
        match target {
            Expr::Paren(inner) => self.place(&inner.expr),
            Expr::Group(inner) => self.place(&inner.expr),
            Expr::Index(index) => self.place(&index.expr),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => self.place(&unary.expr),
            Expr::Field(field) => {
                let (binding, mut joined) = self.place(&field.base)?;
                if !self.scopes.bindings[binding].reference {
                    let (base, member) = (joined.tokens, &field.member);
                    joined.tokens = quote!(#base.#member);
                    let member = match member {
                        Member::Named(name) => name.to_string(),
                        Member::Unnamed(index) => index.index.to_string(),
                    };
                    joined.name = format!("{}.{member}", joined.name);
                }
                Some((binding, joined))
            }
            _ => {
                let name = name_of(target)?;
                let binding = self.scopes.find(&name.to_string())?;
                let known = &self.scopes.bindings[binding];
                let tokens = match (known.reference, known.mutable || known.deferred) {
                    (true, _) => quote!(*#name),
                    (false, true) => quote!(#name),
                    (false, false) => return None,
                };
                Some((binding, Joined { name: name.to_string(), tokens, hidden: false }))
            }
        }
    }

    /// Notes that a variable changes by a call that does not show it.
    fn change_hidden(&mut self, target: &Expr) {
        let Some(name) = root_of(target) else { return };
        if let Some(binding) = self.scopes.find(&name.to_string())
            && let Some(changes) = self.changes.last_mut()
        {
            let joined = Joined { name: name.to_string(), tokens: quote!(#name), hidden: true };
            changes.push((binding, joined));
        }
    }

    /// Walks arms that begin at one point, and ends at their join.
    fn arms(&mut self, number: Option<usize>, arms: Vec<Arm<'_>>) {
        let start = self.at;
        let (mut ends, mut all, mut joined) = (Vec::new(), Vec::new(), Vec::new());
        for arm in arms {
            self.at = start;
            self.changes.push(Vec::new());
            arm(self);
            let changes = self.changes.pop().unwrap_or_default();
            if self.at.is_some() {
                joined.extend(changes.clone());
            }
            all.extend(changes);
            ends.push(self.at);
        }
        self.at = self.meet(&ends);
        if let Some(changes) = self.changes.last_mut() {
            changes.extend(all);
        }
        self.site(number, joined);
    }

    /// Keeps a site whose join is the point at hand. Only what its names still mean there can be joined.
    fn site(&mut self, number: Option<usize>, changes: Vec<(usize, Joined)>) {
        let Some(number) = number else { return };
        let means = |(binding, joined): &(usize, Joined)| {
            let root = joined.name.split('.').next().unwrap_or_default();
            self.scopes.find(root) == Some(*binding)
        };
        let changes = changes.into_iter().filter(means).collect();
        self.raw.insert(number, Raw { join: self.at, start: None, changes });
    }

    fn finish(self) -> HashMap<usize, Site> {
        let live = live(&self.points, self.scopes.bindings.len());
        let site = |number: usize, raw: Raw| {
            let Some(join) = raw.join else { return Site::default() };
            let behind = |binding: usize| live[join][binding];
            let joined = outermost(&raw.changes, behind).into_iter().map(|(_, place)| place);
            let carried = raw.start.and_then(|start| {
                let all = outermost(&raw.changes, |binding| live[start][binding]);
                // What only the way out of the loop assigns has no value where a trip begins.
                let given =
                    |(binding, _): &(usize, Joined)| !behind(*binding) || live[start][*binding];
                let hidden = raw.changes.iter().filter(|(_, place)| place.hidden).cloned();
                let hidden = hidden.map(|(_, place)| (place, false));
                let carried = all.into_iter().map(|(binding, place)| (place, behind(binding)));
                let carried = carried.chain(hidden);
                raw.changes.iter().all(given).then(|| carried.collect())
            });
            Site { number, reached: true, joined: joined.collect(), carried, is_range: false }
        };
        self.raw.into_iter().map(|(number, raw)| (number, site(number, raw))).collect()
    }
}

/// Places that are live, without those that lie in others.
fn outermost(changes: &[(usize, Joined)], is_live: impl Fn(usize) -> bool) -> Vec<(usize, Joined)> {
    let mut all: Vec<(usize, Joined)> = Vec::new();
    for (binding, place) in changes {
        let inside = |other: &Joined| {
            place.name == other.name || place.name.starts_with(&format!("{}.", other.name))
        };
        if place.hidden {
            continue;
        }
        if is_live(*binding) && !all.iter().any(|(_, other)| inside(other)) {
            let prefix = format!("{}.", place.name);
            all.retain(|(_, other)| !other.name.starts_with(&prefix));
            all.push((*binding, place.clone()));
        }
    }
    all
}

/// Variables that are read from a point on before they are assigned, for all points.
fn live(points: &[Point], bindings: usize) -> Vec<Vec<bool>> {
    let mut live = vec![vec![false; bindings]; points.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for at in (0..points.len()).rev() {
            let mut now = vec![false; bindings];
            for &next in &points[at].next {
                now.iter_mut().zip(&live[next]).for_each(|(a, b)| *a |= b);
            }
            if let Some((binding, event)) = points[at].event {
                now[binding] = event == Event::Read;
            }
            if now != live[at] {
                live[at] = now;
                changed = true;
            }
        }
    }
    live
}
