//! Rewrites a body: branches and loops are marked and joined, conditions decide, comparisons are chosen by type. What the user's code does on
//! the host stays as it is; nothing is moved into a closure.

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, BinOp, Block, Expr, Local, Pat, ReturnType, Signature, Stmt, Type, UnOp};

use crate::cond::{compares, comparison, connected, decision, local};
use crate::live::{Site, number_of, sites};
use crate::repeat::{Around, is_recorded, repeated};

/// Rewrites the body of a function.
pub(crate) fn rewrite(signature: &Signature, body: &mut Block) {
    Number(0).visit_block_mut(body);
    let sites = sites(signature, body);
    let result = match &signature.output {
        ReturnType::Type(_, ty) if is_plain(ty) => Some(ty.clone()),
        _ => None,
    };
    let mut rewrite = Rewrite { sites, result: result.map(Want::Typed), around: Vec::new() };
    rewrite.visit_block_mut(body);
    let traits: Stmt = syn::parse_quote! {
        #[allow(unused_imports)]
        use ::ferrodyne::__private::{
            CompareEqual as _, CompareOrder as _, CompareTensors as _, HeldHost as _, HeldOpaque as _, HeldTree as _,
            HostRange as _, SizeRange as _, SpecialRange as _,
        };
    };
    body.stmts.insert(0, traits);
}

/// Lints that rewritten bodies are not asked about.
pub(crate) fn allowed() -> TokenStream {
    quote! {
        #[allow(
            unused_mut, unused_assignments, unused_braces, unused_parens, unreachable_code, clippy::all, clippy::pedantic
        )]
    }
}

/// Whether a type can be written on a `let`.
fn is_plain(ty: &Type) -> bool {
    struct HasImpl(bool);
    impl<'a> syn::visit::Visit<'a> for HasImpl {
        fn visit_type_impl_trait(&mut self, _ty: &'a syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut found = HasImpl(false);
    syn::visit::Visit::visit_type(&mut found, ty);
    !found.0
}

/// Gives branches and loops numbers, in attributes that do not outlive the rewriting. Closures are left alone.
struct Number(usize);

impl Number {
    fn mark(&mut self, attributes: &mut Vec<Attribute>) {
        let number = proc_macro2::Literal::usize_unsuffixed(self.0);
        attributes.push(syn::parse_quote!(#[__fd(#number)]));
        self.0 += 1;
    }
}

impl VisitMut for Number {
    fn visit_item_mut(&mut self, _item: &mut syn::Item) {}

    fn visit_expr_closure_mut(&mut self, _closure: &mut syn::ExprClosure) {}

    fn visit_expr_async_mut(&mut self, _block: &mut syn::ExprAsync) {}

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        match expression {
            Expr::If(branch) => self.mark(&mut branch.attrs),
            Expr::Match(choice) => self.mark(&mut choice.attrs),
            Expr::While(repeat) => self.mark(&mut repeat.attrs),
            Expr::Loop(repeat) => self.mark(&mut repeat.attrs),
            Expr::ForLoop(repeat) => self.mark(&mut repeat.attrs),
            _ => {}
        }
        visit_mut::visit_expr_mut(self, expression);
    }
}

/// What becomes of an expression's value.
#[derive(Clone)]
enum Want {
    /// Nobody takes it.
    Nothing,
    /// It is taken.
    Value,
    /// It is taken as this type.
    Typed(Box<Type>),
}

struct Rewrite {
    sites: HashMap<usize, Site>,
    /// What becomes of the value of the block that comes next.
    result: Option<Want>,
    /// Loops around, outermost first.
    around: Vec<Around>,
}

impl Rewrite {
    /// Takes the number off an expression.
    fn site(&self, attributes: &mut Vec<Attribute>) -> Option<Site> {
        let number = number_of(attributes);
        attributes.retain(|attribute| !attribute.path().is_ident("__fd"));
        number.and_then(|number| self.sites.get(&number).cloned())
    }

    /// Rewrites the leaves of a condition; how they are connected is seen when it becomes a decision.
    fn visit_condition(&mut self, condition: &mut Expr) {
        match condition {
            Expr::Paren(inner) => self.visit_condition(&mut inner.expr),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                self.visit_condition(&mut unary.expr);
            }
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) => {
                self.visit_condition(&mut binary.left);
                self.visit_condition(&mut binary.right);
            }
            leaf => self.visit_expr_mut(leaf),
        }
    }

    fn rewrite(&mut self, expression: &mut Expr, want: Want) {
        let span = expression.span();
        let site = match expression {
            Expr::If(branch) => {
                let site = self.site(&mut branch.attrs);
                self.visit_condition(&mut branch.cond);
                *branch.cond = Expr::Verbatim(decision(&branch.cond));
                self.visit_block_mut(&mut branch.then_branch);
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.otherwise(otherwise);
                }
                site
            }
            Expr::Match(choice) => {
                let site = self.site(&mut choice.attrs);
                let has_guards = choice.arms.iter().any(|arm| arm.guard.is_some());
                self.visit_expr_mut(&mut choice.expr);
                for arm in &mut choice.arms {
                    if let Some((_, guard)) = &mut arm.guard {
                        self.visit_condition(guard);
                        **guard = Expr::Verbatim(decision(guard));
                    }
                    self.visit_expr_mut(&mut arm.body);
                }
                site.filter(|_| has_guards)
            }
            Expr::While(_) | Expr::Loop(_) | Expr::ForLoop(_) => match self.repeat(expression) {
                Some(site) => site,
                None => return,
            },
            _ => return self.visit_expr_mut(expression),
        };
        if let Some(site) = site.filter(|site| site.reached) {
            *expression = Expr::Verbatim(joined(expression, &site, &want, span));
        }
    }

    /// Rewrites a loop. One that may be part of the graph is done then; of others the site is given.
    fn repeat(&mut self, expression: &mut Expr) -> Option<Option<Site>> {
        let span = expression.span();
        let (attributes, label, body) = match expression {
            Expr::While(repeat) => (&mut repeat.attrs, &repeat.label, &mut repeat.body),
            Expr::Loop(repeat) => (&mut repeat.attrs, &repeat.label, &mut repeat.body),
            Expr::ForLoop(repeat) => (&mut repeat.attrs, &repeat.label, &mut repeat.body),
            _ => return None,
        };
        let number = number_of(attributes);
        attributes.retain(|attribute| !attribute.path().is_ident("__fd"));
        let site = number.and_then(|number| self.sites.get(&number).cloned());
        let label = label.as_ref().map(|label| label.name.ident.to_string());
        let mut body = std::mem::replace(body, syn::parse_quote!({}));
        let recorded = is_recorded(expression);
        let site = site.filter(|site| site.reached);
        let is_range = matches!(expression, Expr::ForLoop(_));
        let own = site.clone().filter(|site| recorded && site.carried.is_some());
        let own = own.map(|site| Site { is_range, ..site });
        self.around.push(Around { label, site: own.clone() });
        self.visit_block_mut(&mut body);
        self.around.pop();
        match expression {
            Expr::While(repeat) => self.visit_condition(&mut repeat.cond),
            Expr::ForLoop(repeat) => self.visit_expr_mut(&mut repeat.expr),
            _ => {}
        }
        if let Some(own) = own {
            *expression = Expr::Verbatim(repeated(expression, &body, &own, span));
            return None;
        }
        match expression {
            Expr::While(repeat) => {
                *repeat.cond = Expr::Verbatim(decision(&repeat.cond));
                repeat.body = body;
            }
            Expr::Loop(repeat) => repeat.body = body,
            Expr::ForLoop(repeat) => repeat.body = body,
            _ => {}
        }
        Some(site)
    }

    /// What stands behind `else`: a block, or another `if`, which becomes a block.
    fn otherwise(&mut self, otherwise: &mut Box<Expr>) {
        match &mut **otherwise {
            Expr::Block(block) => self.visit_block_mut(&mut block.block),
            other => {
                self.rewrite(other, Want::Value);
                if !matches!(other, Expr::If(_)) {
                    *other = Expr::Verbatim(quote!({ #other }));
                }
            }
        }
    }
}

/// An expression between its mark and its join.
fn joined(expression: &Expr, site: &Site, want: &Want, span: Span) -> TokenStream {
    let (mark, value, number) = (local("__mark"), local("__value"), site.number);
    let vars = site.joined.iter().map(|joined| {
        let (name, place) = (format!("`{}`", joined.name), &joined.tokens);
        quote! {
            ::ferrodyne::__private::Var { name: #name, val: (&&&::ferrodyne::__private::Held::new(&mut #place)).val() }
        }
    });
    let (ty, name) = match want {
        Want::Nothing => {
            return quote_spanned! { span=> {
                let #mark = ::ferrodyne::__private::mark(#number);
                #expression;
                ::ferrodyne::__private::join(#mark, &mut [#(#vars),*]);
            }};
        }
        Want::Value => (quote!(), "the value"),
        Want::Typed(ty) => (quote!(: #ty), "the value"),
    };
    quote_spanned! { span=> {
        let #mark = ::ferrodyne::__private::mark(#number);
        let mut #value #ty = #expression;
        ::ferrodyne::__private::join(#mark, &mut [#(#vars,)* ::ferrodyne::__private::Var {
            name: #name,
            val: (&&&::ferrodyne::__private::Held::new(&mut #value)).val(),
        }]);
        #value
    }}
}

impl VisitMut for Rewrite {
    fn visit_item_mut(&mut self, _item: &mut syn::Item) {}

    fn visit_expr_closure_mut(&mut self, _closure: &mut syn::ExprClosure) {}

    fn visit_expr_async_mut(&mut self, _block: &mut syn::ExprAsync) {}

    fn visit_type_mut(&mut self, _ty: &mut Type) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        let result = self.result.take().unwrap_or(Want::Value);
        let last = block.stmts.len().wrapping_sub(1);
        for (index, statement) in block.stmts.iter_mut().enumerate() {
            match statement {
                Stmt::Expr(expression, semi) => {
                    let is_value = semi.is_none() && index == last;
                    let want = if is_value { result.clone() } else { Want::Nothing };
                    self.rewrite(expression, want);
                }
                Stmt::Local(local) => self.visit_local_mut(local),
                Stmt::Item(_) | Stmt::Macro(_) => {}
            }
        }
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        let Some(init) = &mut local.init else {
            let pattern = match &mut local.pat {
                Pat::Type(typed) => &mut *typed.pat,
                pattern => pattern,
            };
            if let Pat::Ident(name) = pattern {
                name.mutability.get_or_insert_with(Default::default);
            }
            return;
        };
        let want = match &local.pat {
            Pat::Type(typed) if is_plain(&typed.ty) => Want::Typed(typed.ty.clone()),
            _ => Want::Value,
        };
        self.rewrite(&mut init.expr, want);
        if let Some((_, otherwise)) = &mut init.diverge {
            self.visit_expr_mut(otherwise);
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        match expression {
            Expr::If(_) | Expr::Match(_) | Expr::While(_) | Expr::Loop(_) | Expr::ForLoop(_) => {
                self.rewrite(expression, Want::Value);
            }
            Expr::Binary(binary) => {
                let span = binary.span();
                let connects = matches!(binary.op, BinOp::And(_) | BinOp::Or(_));
                let connects = connects && (compares(&binary.left) || compares(&binary.right));
                visit_mut::visit_expr_binary_mut(self, binary);
                if connects {
                    let is_and = matches!(binary.op, BinOp::And(_));
                    let tokens = connected(&binary.left, is_and, &binary.right, span);
                    *expression = Expr::Verbatim(tokens);
                    return;
                }
                if let Some(tokens) = comparison(&binary.left, &binary.op, &binary.right, span) {
                    *expression = Expr::Verbatim(tokens);
                }
            }
            Expr::Continue(next) => {
                let label = next.label.as_ref().map(|label| label.ident.to_string());
                let around = self.around.iter().rev();
                let target = around.into_iter().find(|a| label.is_none() || a.label == label);
                if let Some(back) = target.and_then(Around::back) {
                    *expression = Expr::Verbatim(quote!({ #back #next }));
                }
            }
            Expr::Const(_) => {}
            _ => visit_mut::visit_expr_mut(self, expression),
        }
    }
}
