//! Which variables a join must hold: comes in a function's body, goes out for each branch and loop the variables that it changes and
//! that are read behind it before they are assigned.
//!
//! A variable that is listed is initialised and not moved at the join, because some path reads it from there: so the borrow
//! checker accepts `&mut` of it. Where this is too cautious, a variable is not joined, which the recorder notices.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Expr, ExprIf, Ident, Local, Member, Pat, Signature, Type, UnOp};

use crate::changes::{changes_cell, changes_receiver, diverges, is_assignment, is_borrow, root_of};
use crate::scope::{Binding, Scopes, name_of, names_in};

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

    fn walk_loop(
        &mut self,
        number: Option<usize>,
        label: Option<&syn::Label>,
        head: impl FnOnce(&mut Flow) -> bool,
        body: &Block,
    ) {
        let entry = self.at;
        let start = self.point(None);
        self.at = entry.map(|_| start);
        let at = self.at.take();
        let exit = self.point(None);
        self.at = at;
        self.changes.push(Vec::new());
        self.scopes.push();
        let may_end = head(self);
        if let (true, Some(at)) = (may_end, self.at) {
            self.points[at].next.push(exit);
        }
        let label = label.map(|label| label.name.ident.clone());
        let has_value = false;
        self.loops.push(Loop { label, head: Some(start), exit, is_left: may_end, has_value });
        self.visit_block(body);
        self.jump(start);
        let done = self.loops.pop();
        let is_left = done.as_ref().is_some_and(|done| done.is_left);
        let has_value = done.is_some_and(|done| done.has_value);
        self.scopes.pop();
        self.at = (is_left && entry.is_some()).then_some(exit);
        let changes = self.changes.pop().unwrap_or_default();
        if let Some(outer) = self.changes.last_mut() {
            outer.extend(changes.clone());
        }
        self.site(number, changes);
        if let Some(raw) = number.and_then(|number| self.raw.get_mut(&number)) {
            raw.start = entry.map(|_| start).filter(|_| !has_value);
        }
    }

    fn find_loop(&mut self, label: Option<&syn::Lifetime>) -> Option<&mut Loop> {
        self.loops.iter_mut().rev().find(|l| match label {
            Some(label) => l.label.as_ref() == Some(&label.ident),
            None => l.head.is_some(),
        })
    }

    fn walk_if(&mut self, branch: &ExprIf) {
        self.scopes.push();
        self.visit_expr(&branch.cond);
        let then: Arm<'_> = Box::new(|flow| {
            flow.visit_block(&branch.then_branch);
            flow.scopes.pop();
        });
        let otherwise: Arm<'_> = Box::new(|flow| {
            if let Some((_, otherwise)) = &branch.else_branch {
                flow.visit_expr(otherwise);
            }
        });
        self.arms(number_of(&branch.attrs), vec![then, otherwise]);
    }

    fn walk_match(&mut self, choice: &syn::ExprMatch) {
        self.visit_expr(&choice.expr);
        let mut arms: Vec<Arm<'_>> = Vec::new();
        for arm in &choice.arms {
            arms.push(Box::new(move |flow| {
                flow.scopes.push();
                flow.scopes.declare_pattern(&arm.pat, false, false);
                if let Some((_, guard)) = &arm.guard {
                    flow.visit_expr(guard);
                }
                flow.visit_expr(&arm.body);
                flow.scopes.pop();
            }));
        }
        self.arms(number_of(&choice.attrs), arms);
    }

    /// Branches and loops.
    fn walk_structure(&mut self, expression: &Expr) {
        match expression {
            Expr::If(branch) => self.walk_if(branch),
            Expr::Match(choice) => self.walk_match(choice),
            Expr::While(repeat) => self.walk_loop(
                number_of(&repeat.attrs),
                repeat.label.as_ref(),
                |flow| {
                    flow.visit_expr(&repeat.cond);
                    true
                },
                &repeat.body,
            ),
            Expr::Loop(repeat) => {
                let number = number_of(&repeat.attrs);
                self.walk_loop(number, repeat.label.as_ref(), |_| false, &repeat.body);
            }
            Expr::ForLoop(repeat) => {
                self.visit_expr(&repeat.expr);
                let reference = is_borrow(&repeat.expr);
                let head = |flow: &mut Flow| {
                    flow.scopes.declare_pattern(&repeat.pat, false, reference);
                    true
                };
                let number = number_of(&repeat.attrs);
                self.walk_loop(number, repeat.label.as_ref(), head, &repeat.body);
            }
            _ => {}
        }
    }

    fn walk_labelled(&mut self, block: &syn::ExprBlock) {
        let at = self.at.take();
        let exit = self.point(None);
        self.at = at;
        let label = block.label.as_ref().map(|label| label.name.ident.clone());
        let has_value = false;
        self.loops.push(Loop { label, head: None, exit, is_left: false, has_value });
        self.visit_block(&block.block);
        let falls = self.at.is_some();
        self.jump(exit);
        let left = self.loops.pop().is_some_and(|block| block.is_left);
        self.at = (falls || left).then_some(exit);
    }

    /// `return`, `break` and `continue`.
    fn walk_exit(&mut self, expression: &Expr) {
        match expression {
            Expr::Return(leave) => {
                visit::visit_expr_return(self, leave);
                self.at = None;
            }
            Expr::Break(leave) => {
                visit::visit_expr_break(self, leave);
                let label = leave.label.as_ref();
                let reached = self.at.is_some();
                if let Some(exit) = self.find_loop(label).map(|l| {
                    l.is_left |= reached;
                    l.has_value |= leave.expr.is_some();
                    l.exit
                }) {
                    self.jump(exit);
                }
                self.at = None;
            }
            Expr::Continue(leave) => {
                if let Some(head) = self.find_loop(leave.label.as_ref()).and_then(|l| l.head) {
                    self.jump(head);
                }
                self.at = None;
            }
            _ => {}
        }
    }

    /// A closure or another piece of code that runs at some time: all that it names is read here.
    fn read_all(&mut self, tokens: TokenStream) {
        let mut names = Vec::new();
        names_in(tokens, &mut names);
        names.iter().for_each(|name| self.read(name));
    }

    fn assign(&mut self, target: &Expr) {
        match target {
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|target| self.assign(target)),
            _ => match name_of(target).and_then(|name| self.scopes.find(&name.to_string())) {
                Some(binding) => {
                    self.event(binding, Event::Assigned);
                    self.change(target);
                }
                None => {
                    self.visit_expr(target);
                    self.change(target);
                }
            },
        }
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

impl<'a> Visit<'a> for Flow {
    fn visit_item(&mut self, _item: &'a syn::Item) {}

    fn visit_block(&mut self, block: &'a Block) {
        self.scopes.push();
        visit::visit_block(self, block);
        self.scopes.pop();
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        self.read_all(call.tokens.clone());
        if diverges(&call.path) {
            self.at = None;
        }
    }

    fn visit_local(&mut self, local: &'a Local) {
        let mut reference =
            matches!(&local.pat, Pat::Type(typed) if is_mutable_reference(&typed.ty));
        if let Some(init) = &local.init {
            reference |= is_borrow(&init.expr);
            self.visit_expr(&init.expr);
            if let Some((_, otherwise)) = &init.diverge {
                let at = self.at;
                self.visit_expr(otherwise);
                self.at = at;
            }
        }
        let made = self.scopes.declare_pattern(&local.pat, local.init.is_none(), reference);
        if local.init.is_some() {
            made.into_iter().for_each(|binding| self.event(binding, Event::Assigned));
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Path(_) => {
                if let Some(name) = name_of(expression) {
                    self.read(&name.to_string());
                }
            }
            Expr::Closure(_) | Expr::Async(_) => self.read_all(expression.to_token_stream()),
            Expr::Assign(assign) => {
                self.visit_expr(&assign.right);
                self.assign(&assign.left);
            }
            Expr::Binary(binary) if is_assignment(&binary.op) => {
                visit::visit_expr_binary(self, binary);
                self.change(&binary.left);
            }
            Expr::Reference(reference) if reference.mutability.is_some() => {
                self.visit_expr(&reference.expr);
                self.change(&reference.expr);
            }
            Expr::MethodCall(call) => {
                visit::visit_expr_method_call(self, call);
                let method = call.method.to_string();
                if changes_receiver(&method) {
                    self.change(&call.receiver);
                }
                if changes_cell(&method, call.args.len()) && self.place(&call.receiver).is_none() {
                    self.change_hidden(&call.receiver);
                }
            }
            Expr::Call(call) => {
                visit::visit_expr_call(self, call);
                let name = name_of(&call.func).map(ToString::to_string);
                if name
                    .and_then(|n| self.scopes.find(&n))
                    .is_some_and(|b| self.scopes.bindings[b].mutable)
                {
                    self.change_hidden(&call.func);
                }
            }
            Expr::Let(condition) => {
                self.visit_expr(&condition.expr);
                self.scopes.declare_pattern(&condition.pat, false, is_borrow(&condition.expr));
            }
            Expr::If(_) | Expr::Match(_) | Expr::While(_) | Expr::Loop(_) | Expr::ForLoop(_) => {
                self.walk_structure(expression);
            }
            Expr::Block(block) if block.label.is_some() => self.walk_labelled(block),
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => self.walk_exit(expression),
            _ => visit::visit_expr(self, expression),
        }
    }
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
