//! The walk over a body in the order in which it runs.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprIf, Local, Pat};

use super::{Arm, Event, Flow, Loop, is_mutable_reference, number_of};
use crate::changes::{changes_cell, changes_receiver, diverges, is_assignment, is_borrow};
use crate::scope::{name_of, names_in};

impl Flow {
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
