//! Names and their bindings: comes in what a function declares, goes out which binding a name means at a place.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Expr, ExprPath, Pat, PatIdent};

/// A variable.
pub(crate) struct Binding {
    /// Whether it may be assigned again or be mutably borrowed.
    pub(crate) mutable: bool,
    /// Whether it is a mutable reference.
    pub(crate) reference: bool,
    /// Whether it is declared without a value.
    pub(crate) deferred: bool,
}

/// Bindings by name, innermost scope last.
#[derive(Default)]
pub(crate) struct Scopes {
    pub(crate) bindings: Vec<Binding>,
    scopes: Vec<HashMap<String, usize>>,
}

impl Scopes {
    pub(crate) fn push(&mut self) {
        self.scopes.push(HashMap::new());
    }

    pub(crate) fn pop(&mut self) {
        self.scopes.pop();
    }

    pub(crate) fn declare(&mut self, name: String, binding: Binding) -> usize {
        let index = self.bindings.len();
        self.bindings.push(binding);
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, index);
        }
        index
    }

    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name).copied())
    }

    /// Declares what a pattern binds; gives the bindings.
    pub(crate) fn declare_pattern(
        &mut self,
        pattern: &Pat,
        deferred: bool,
        reference: bool,
    ) -> Vec<usize> {
        let mut found = Found::default();
        found.visit_pat(pattern);
        let declare = |(name, mutable): (Ident, bool)| {
            self.declare(name.to_string(), Binding { mutable, reference, deferred })
        };
        found.0.into_iter().map(declare).collect()
    }
}

/// Names that a pattern binds, and whether they are mutable. A name in capitals is a constant or a variant.
#[derive(Default)]
struct Found(Vec<(Ident, bool)>);

impl<'a> Visit<'a> for Found {
    fn visit_pat_ident(&mut self, pattern: &'a PatIdent) {
        let constant = pattern.subpat.is_none()
            && pattern.by_ref.is_none()
            && pattern.ident.to_string().starts_with(char::is_uppercase);
        if !constant {
            self.0.push((pattern.ident.clone(), pattern.mutability.is_some()));
        }
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_expr(&mut self, _expression: &'a Expr) {}
}

/// The name of an expression that is one.
pub(crate) fn name_of(expression: &Expr) -> Option<&Ident> {
    match expression {
        Expr::Path(ExprPath { qself: None, path, .. }) => path.get_ident(),
        Expr::Paren(inner) => name_of(&inner.expr),
        Expr::Group(inner) => name_of(&inner.expr),
        _ => None,
    }
}

/// All names in tokens, those in format strings included.
pub(crate) fn names_in(tokens: TokenStream, names: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => names.push(name.to_string()),
            TokenTree::Group(group) => names_in(group.stream(), names),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                for part in text.split('{').skip(1) {
                    let is_name = |c: char| c.is_alphanumeric() || c == '_';
                    let end = part.find(|c| !is_name(c)).unwrap_or(part.len());
                    if end > 0 {
                        names.push(part[..end].to_owned());
                    }
                }
            }
            TokenTree::Punct(_) => {}
        }
    }
}
