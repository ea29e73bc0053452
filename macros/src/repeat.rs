//! Loops that may be part of the graph: comes in a loop with the variables that its trips change, goes out the same loop with calls where
//! it begins, at the end of each trip, and where it is left.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprRange, Ident, RangeLimits};

use crate::cond::{cond, has_let, local};
use crate::live::{Joined, Site};

/// A loop around an expression.
pub(crate) struct Around {
    pub(crate) label: Option<String>,
    /// What is known of it, if it may be part of the graph.
    pub(crate) site: Option<Site>,
}

impl Around {
    /// What ends a trip.
    pub(crate) fn back(&self) -> Option<TokenStream> {
        self.site.as_ref().map(back)
    }
}

/// Whether a loop is of a form that may be part of the graph.
pub(crate) fn is_recorded(expression: &Expr) -> bool {
    match expression {
        Expr::While(repeat) => !has_let(&repeat.cond),
        Expr::Loop(_) => true,
        Expr::ForLoop(repeat) => range_of(&repeat.expr).is_some(),
        _ => false,
    }
}

/// A range with two ends whose end is more than a number.
fn range_of(expression: &Expr) -> Option<&ExprRange> {
    match expression {
        Expr::Paren(inner) => range_of(&inner.expr),
        Expr::Range(range) if range.start.is_some() => {
            let end = range.end.as_deref()?;
            (!matches!(end, Expr::Lit(_))).then_some(range)
        }
        _ => None,
    }
}

fn range_name(site: &Site) -> Ident {
    local(&format_ident!("__range{}", site.number).to_string())
}

/// The positions of a loop over a range.
fn positions(site: &Site, behind: bool) -> Option<TokenStream> {
    let range = range_name(site);
    let val = match behind {
        true => quote!(::ferrodyne::__private::Val::Missing),
        false => quote!(::ferrodyne::__private::Positions::val(&mut #range)),
    };
    let is_range = site.is_range;
    is_range.then(|| quote!(::ferrodyne::__private::Var { name: "the position", val: #val }))
}

fn name_of(site: &Site) -> Ident {
    local(&format_ident!("__loop{}", site.number).to_string())
}

fn held(joined: &Joined) -> TokenStream {
    let (name, place) = (format!("`{}`", joined.name), &joined.tokens);
    quote! {
        ::ferrodyne::__private::Var { name: #name, val: (&&&::ferrodyne::__private::Held::new(&mut #place)).val() }
    }
}

fn missing(joined: &Joined) -> TokenStream {
    let name = format!("`{}`", joined.name);
    quote!(::ferrodyne::__private::Var { name: #name, val: ::ferrodyne::__private::Val::Missing })
}

/// All variables where a loop begins. What changes unseen cannot be part of a graph.
fn begin(site: &Site) -> TokenStream {
    let vars = site.carried.iter().flatten().map(|(joined, _)| match joined.hidden {
        true => {
            let (name, what) = (format!("`{}`", joined.name), "a cell or a closure that changes");
            quote! {
                ::ferrodyne::__private::Var { name: #name, val: ::ferrodyne::__private::Val::Opaque(#what) }
            }
        }
        false => held(joined),
    });
    let vars = vars.chain(positions(site, false));
    quote!(&mut [#(#vars),*])
}

/// All variables at the end of a trip.
fn all(site: &Site) -> TokenStream {
    let vars = site.carried.iter().flatten().map(|(joined, _)| match joined.hidden {
        true => missing(joined),
        false => held(joined),
    });
    let vars = vars.chain(positions(site, false));
    quote!(&mut [#(#vars),*])
}

/// The variables of a loop behind it, where some may have moved.
fn behind(site: &Site) -> TokenStream {
    let vars = site.carried.iter().flatten().map(|(joined, read)| match read {
        true => held(joined),
        false => missing(joined),
    });
    let vars = vars.chain(positions(site, true));
    quote!(&mut [#(#vars),*])
}

fn back(site: &Site) -> TokenStream {
    let (this, vars) = (name_of(site), all(site));
    quote!(::ferrodyne::__private::loop_back(&mut #this, #vars);)
}

/// A loop with what begins it, ends its trips and leaves it.
pub(crate) fn repeated(expression: &Expr, body: &Block, site: &Site, span: Span) -> TokenStream {
    let (this, number) = (name_of(site), site.number);
    let (begin, behind, back) = (begin(site), behind(site), back(site));
    let repeat = match expression {
        Expr::While(repeat) => {
            let (attributes, label, span) = (&repeat.attrs, &repeat.label, repeat.cond.span());
            let condition = cond(&repeat.cond);
            let test =
                quote_spanned!(span=> ::ferrodyne::__private::loop_test(&mut #this, #condition));
            quote!(#(#attributes)* #label while #test { #body #back })
        }
        Expr::Loop(repeat) => {
            let (attributes, label) = (&repeat.attrs, &repeat.label);
            let test = quote_spanned!(span=> ::ferrodyne::__private::loop_goes_on(&mut #this));
            quote!(#(#attributes)* #label loop { if !#test { break; } #body #back })
        }
        Expr::ForLoop(repeat) => {
            let (attributes, label, pattern) = (&repeat.attrs, &repeat.label, &repeat.pat);
            let (range, span) = (range_name(site), repeat.expr.span());
            let next = quote_spanned! { span=>
                ::ferrodyne::__private::Positions::next(&mut #range, &mut #this)
            };
            quote!(#(#attributes)* #label while let Some(#pattern) = #next { #body #back })
        }
        other => quote!(#other),
    };
    let range = match expression {
        Expr::ForLoop(repeat) => range_of(&repeat.expr).map(|range| {
            let (name, from, to) = (range_name(site), &range.start, &range.end);
            let closed = matches!(range.limits, RangeLimits::Closed(_));
            quote_spanned! { repeat.expr.span()=>
                let mut #name = (&&::ferrodyne::__private::Ends(#from, #to)).fd_range(#closed);
            }
        }),
        _ => None,
    };
    quote_spanned! { span=> {
        #range
        let mut #this = ::ferrodyne::__private::loop_enter(#number, #begin);
        #repeat
        ::ferrodyne::__private::loop_end(#this, #behind);
    }}
}
