//! Conditions and comparisons: comes in an expression as the user wrote it, goes out one that is a decision where a tensor decides.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Ident, UnOp};

/// The name of a local variable that users cannot see.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// A comparison whose operands are chosen by their types.
pub(crate) fn comparison(left: &Expr, op: &BinOp, right: &Expr, span: Span) -> Option<TokenStream> {
    let method = match op {
        BinOp::Lt(_) => quote!(fd_lt),
        BinOp::Le(_) => quote!(fd_le),
        BinOp::Gt(_) => quote!(fd_gt),
        BinOp::Ge(_) => quote!(fd_ge),
        BinOp::Eq(_) => quote!(fd_eq),
        BinOp::Ne(_) => quote!(fd_ne),
        _ => return None,
    };
    let method = Ident::new(&method.to_string(), span);
    Some(quote_spanned! { span=> (&::ferrodyne::__private::Cmp(&(#left), &(#right))).#method() })
}

/// Whether a chain of `&&`, `||` and `!` has a comparison, or a variable that may hold one of tensors.
pub(crate) fn compares(expression: &Expr) -> bool {
    match expression {
        Expr::Paren(inner) => compares(&inner.expr),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Not(_)) && compares(&unary.expr),
        Expr::Binary(binary) => match binary.op {
            BinOp::And(_) | BinOp::Or(_) => compares(&binary.left) || compares(&binary.right),
            BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => true,
            BinOp::Eq(_) | BinOp::Ne(_) => true,
            _ => false,
        },
        Expr::Path(_) | Expr::Field(_) => true,
        _ => false,
    }
}

/// An operand of `&&` and `||`: a variable keeps its value, which need not be `Copy` as a `bool` is.
fn operand(expression: &Expr) -> TokenStream {
    match expression {
        Expr::Paren(inner) => operand(&inner.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
            let (not, inner) = (&unary.op, operand(&unary.expr));
            quote!(#not #inner)
        }
        Expr::Path(_) | Expr::Field(_) => {
            let span = expression.span();
            quote_spanned! { span=> ::std::clone::Clone::clone(&#expression) }
        }
        _ => quote!(#expression),
    }
}

/// `left && right` or `left || right` as a value, whose type is chosen by those of the two. The right one is evaluated where Rust would.
pub(crate) fn connected(left: &Expr, is_and: bool, right: &Expr, span: Span) -> TokenStream {
    let both = local("__both");
    let (left, right) = (operand(left), operand(right));
    quote_spanned! { span=> {
        let mut #both = ::ferrodyne::__private::Connected::new(#left, #is_and);
        if #both.goes_on() {
            #both.set(#right);
        }
        #both.value()
    }}
}

/// A condition, rewritten: `bool` code that decides.
pub(crate) fn decision(condition: &Expr) -> TokenStream {
    if has_let(condition) {
        return chain(condition);
    }
    let span = condition.span();
    let inner = cond(condition);
    quote_spanned! { span=> ::ferrodyne::__private::decide(#inner) }
}

/// A chain with `let`: each other leaf decides by itself.
fn chain(condition: &Expr) -> TokenStream {
    match condition {
        Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
            let (left, op, right) = (chain(&binary.left), &binary.op, chain(&binary.right));
            quote!(#left #op #right)
        }
        Expr::Let(_) => quote!(#condition),
        _ => decision(condition),
    }
}

pub(crate) fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// Code that makes a `Cond`: chains keep Rust's order, and two tensors become one decision.
pub(crate) fn cond(expression: &Expr) -> TokenStream {
    let span = expression.span();
    let first = local("__first");
    match expression {
        Expr::Paren(inner) => cond(&inner.expr),
        Expr::Binary(binary) if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) => {
            let (left, right) = (cond(&binary.left), cond(&binary.right));
            let (ends, join) = match binary.op {
                BinOp::And(_) => (quote!(false), quote_spanned!(span=> and)),
                _ => (quote!(true), quote_spanned!(span=> or)),
            };
            quote_spanned! { span=> {
                let #first = #left;
                if #first.is(#ends) { #first } else { #first.#join(#right) }
            }}
        }
        Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
            let inner = cond(&unary.expr);
            quote_spanned! { span=> #inner.not() }
        }
        Expr::Path(_) | Expr::Field(_) => {
            quote_spanned! { span=> ::ferrodyne::__private::condition(&#expression) }
        }
        _ => quote_spanned! { span=> ::ferrodyne::__private::condition(#expression) },
    }
}
