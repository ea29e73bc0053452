//! Contracts: comes in `args(x = "f32[batch in 1..=64, 3]"), kernels <= 1, peak <= "64MiB", targets("cpu")`, goes out code that
//! checks them, in a test of its own for a function and in a method for a method.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{
    Error, Expr, ExprLit, FnArg, Ident, ItemFn, Lit, LitInt, LitStr, Result, Token, Type,
    bracketed, parenthesized,
};

/// A contract as it was written.
#[derive(Default)]
pub(crate) struct Contract {
    args: Vec<Typed>,
    kernels: Option<LitInt>,
    dispatches: Option<LitInt>,
    peak: Option<u64>,
    targets: Vec<LitStr>,
    /// The first promise.
    span: Option<Span>,
}

/// `x = "f32[3]"`, or `n = 3` for an argument that is no tensor.
struct Typed {
    name: Ident,
    value: Expr,
}

impl Parse for Typed {
    fn parse(input: ParseStream<'_>) -> Result<Typed> {
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        Ok(Typed { name, value: input.parse()? })
    }
}

impl Contract {
    /// The keys that belong to a contract.
    pub(crate) const KEYS: [&str; 5] = ["args", "dispatches", "kernels", "peak", "targets"];

    /// Whether there is one.
    pub(crate) fn is_made(&self) -> bool {
        self.span.is_some()
    }

    /// Reads what stands behind a key.
    pub(crate) fn one(&mut self, key: &Ident, input: ParseStream<'_>) -> Result<()> {
        self.span.get_or_insert(key.span());
        match key.to_string().as_str() {
            "args" => {
                let inner;
                parenthesized!(inner in input);
                self.args.extend(Punctuated::<Typed, Token![,]>::parse_terminated(&inner)?);
            }
            "targets" => {
                let inner;
                parenthesized!(inner in input);
                self.targets.extend(Punctuated::<LitStr, Token![,]>::parse_terminated(&inner)?);
            }
            "peak" => {
                at_most(key, "\"64MiB\"", input)?;
                self.peak = Some(bytes(&input.parse()?)?);
            }
            _ => {
                at_most(key, "1", input)?;
                let most: LitInt = input.parse()?;
                most.base10_parse::<u64>()?;
                match key == "kernels" {
                    true => self.kernels = Some(most),
                    false => self.dispatches = Some(most),
                }
            }
        }
        Ok(())
    }

    /// The contract as a value.
    fn value(&self, name: &str) -> TokenStream {
        let kernels = self.kernels.as_ref().map(|n| quote!(.kernels(#n)));
        let dispatches = self.dispatches.as_ref().map(|n| quote!(.dispatches(#n)));
        let peak = self.peak.map(|n| quote!(.peak(#n)));
        let targets = &self.targets;
        let targets = (!targets.is_empty()).then(|| quote!(.targets([#(#targets),*])));
        quote!(::ferrodyne::Contract::new(#name) #kernels #dispatches #peak #targets)
    }

    /// Values for all arguments: statements that make them, and expressions that pass them on.
    fn arguments(&self, function: &ItemFn) -> Result<(Vec<TokenStream>, Vec<TokenStream>)> {
        let span = self.span.unwrap_or_else(Span::call_site);
        let typed = function.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        });
        let (mut made, mut passed, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for (index, argument) in typed.enumerate() {
            let name = argument.pat.to_token_stream().to_string();
            let name = name.trim_start_matches("mut ").to_owned();
            let Some(given) = self.args.iter().find(|typed| typed.name == name) else {
                let message = format!(
                    "a contract needs all arguments: write `args({name} = {})`",
                    if crate::compiled::is_tensor(&argument.ty) { "\"f32[3]\"" } else { "VALUE" }
                );
                return Err(Error::new(span, message));
            };
            let variable = format_ident!("__argument{index}");
            made.push(match crate::compiled::is_tensor(&argument.ty) {
                true => spec(&variable, &given.value)?,
                false => {
                    let value = &given.value;
                    quote!(let #variable = || #value;)
                }
            });
            passed.push(match &*argument.ty {
                Type::Reference(reference) if reference.mutability.is_some() => {
                    match crate::compiled::is_tensor(&argument.ty) {
                        true => quote!(&mut #variable.clone()),
                        false => quote!(&mut #variable()),
                    }
                }
                Type::Reference(_) if crate::compiled::is_tensor(&argument.ty) => {
                    quote!(&#variable)
                }
                _ if crate::compiled::is_tensor(&argument.ty) => quote!(#variable.clone()),
                _ => quote!(#variable()),
            });
            names.push(name);
        }
        if let Some(stray) = self.args.iter().find(|t| !names.iter().any(|name| t.name == name)) {
            let message =
                format!("there is no argument `{}`; there are: {}", stray.name, names.join(", "));
            return Err(Error::new(stray.name.span(), message));
        }
        Ok((made, passed))
    }

    /// A test beside a function, or nothing where there is no contract.
    pub(crate) fn test(&self, function: &ItemFn) -> Result<TokenStream> {
        let Some(span) = self.span else { return Ok(TokenStream::new()) };
        if let Some(parameter) = function.sig.generics.type_params().next() {
            let message = "a contract needs a function of known types: put it on a function that calls the generic one";
            return Err(Error::new_spanned(parameter, message));
        }
        let (made, passed) = self.arguments(function)?;
        let name = &function.sig.ident;
        let contract = self.value(&name.to_string());
        let test = format_ident!("{}_keeps_its_contract", name.unraw(), span = name.span());
        Ok(quote_spanned! { span=>
            #[cfg(test)]
            #[test]
            #[allow(non_snake_case)]
            fn #test() {
                let checked = (|| -> ::ferrodyne::Result<()> {
                    #(#made)*
                    #contract.check(|| #name(#(#passed),*))
                })();
                if let ::std::result::Result::Err(broken) = checked {
                    ::std::panic!("{broken}");
                }
            }
        })
    }

    /// A method beside a method that checks it, or nothing where there is no contract.
    pub(crate) fn checker(&self, function: &ItemFn) -> Result<TokenStream> {
        let Some(span) = self.span else { return Ok(TokenStream::new()) };
        if let Some(parameter) = function.sig.generics.type_params().next() {
            let message = "a contract needs a method of known types: put it on a method that calls the generic one";
            return Err(Error::new_spanned(parameter, message));
        }
        let (made, passed) = self.arguments(function)?;
        let (name, vis) = (&function.sig.ident, &function.vis);
        let contract = self.value(&name.to_string());
        let checker = checker(name);
        let doc = format!(
            "Checks the contract of `{name}`: call it from a test.\n\n# Errors\nEvery promise that is broken, with the target, the figure, and why."
        );
        Ok(quote_spanned! { span=>
            #[doc = #doc]
            #[allow(dead_code)]
            #vis fn #checker(&self) -> ::ferrodyne::Result<()> {
                #(#made)*
                #contract.check(|| self.#name(#(#passed),*))
            }
        })
    }
}

/// Name of the method that checks the contract of a method.
pub(crate) fn checker(method: &Ident) -> Ident {
    format_ident!("{}_keeps_its_contract", method.unraw(), span = method.span())
}

fn at_most(key: &Ident, example: &str, input: ParseStream<'_>) -> Result<()> {
    match input.peek(Token![<=]) {
        true => input.parse::<Token![<=]>().map(|_| ()),
        false => {
            Err(Error::new(key.span(), format!("a promise is an upper end: `{key} <= {example}`")))
        }
    }
}

/// Bytes from `"64MiB"` or a number.
fn bytes(literal: &Lit) -> Result<u64> {
    let fault = || {
        let message = "an amount of memory is a number of bytes, or text with a unit: \"512B\", \"64KiB\", \"64MiB\", \"2GiB\"";
        Error::new(literal.span(), message)
    };
    match literal {
        Lit::Int(number) => number.base10_parse(),
        Lit::Str(text) => {
            let text = text.value();
            let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(fault)?;
            let (number, unit) = text.split_at(split);
            let factor = match unit.trim() {
                "B" => 1,
                "KiB" => 1 << 10,
                "MiB" => 1 << 20,
                "GiB" => 1 << 30,
                _ => return Err(fault()),
            };
            let number: u64 = number.parse().map_err(|_| fault())?;
            number.checked_mul(factor).ok_or_else(fault)
        }
        _ => Err(fault()),
    }
}

/// A statement that makes a tensor of a spec; the text is checked here, so that a fault is shown at it.
fn spec(variable: &Ident, value: &Expr) -> Result<TokenStream> {
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = value else {
        let message = "the type of a tensor is text: \"f32[batch in 1..=64, 1024]\"";
        return Err(Error::new_spanned(value, message));
    };
    let checked = text
        .value()
        .parse()
        .map_err(Error::from)
        .and_then(|tokens: TokenStream| shape.parse2(tokens));
    if checked.is_err() {
        let message = "this is no spec of a tensor: write \"f32[batch in 1..=64, 1024]\", an element type and sizes that are numbers or names with a range";
        return Err(Error::new(text.span(), message));
    }
    Ok(quote!(let #variable = ::ferrodyne::Tensor::of_spec(&#text.parse()?);))
}

/// Passes `f32[batch in 1..=64 hint 8, 1024]`.
fn shape(input: ParseStream<'_>) -> Result<()> {
    input.parse::<Ident>()?;
    let inner;
    bracketed!(inner in input);
    while !inner.is_empty() {
        if inner.parse::<Option<LitInt>>()?.is_none() {
            inner.parse::<Ident>()?;
            if inner.parse::<Option<Token![in]>>()?.is_some() {
                inner.parse::<LitInt>()?;
                match inner.parse::<Option<Token![..=]>>()? {
                    Some(_) => drop(inner.parse::<LitInt>()?),
                    None => drop(inner.parse::<Option<Token![..]>>()?),
                }
            }
            if inner.parse::<Option<Ident>>()?.is_some() {
                inner.parse::<LitInt>()?;
            }
        }
        if !inner.is_empty() {
            inner.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use crate::compiled::expand;

    fn fault(options: proc_macro2::TokenStream) -> String {
        let function = quote! { fn f(x: &Tensor, n: usize) -> Tensor { x.clone() } };
        expand(options, function)
            .map_or_else(|fault| fault.to_string(), |tokens| tokens.to_string())
    }

    #[test]
    fn a_contract_becomes_a_test() {
        let code =
            fault(quote!(args(x = "f32[b in 1..=64, 3]", n = 3), kernels <= 1, peak <= "2KiB"));
        assert!(code.contains("fn f_keeps_its_contract"), "{code}");
        assert!(code.contains(". kernels (1) . peak (2048u64)"), "{code}");
        assert!(!fault(quote!(fullgraph)).contains("contract"));
    }

    #[test]
    fn faults_of_a_contract_say_what_to_write() {
        let cases = [
            (quote!(args(x = "f32[3]"), kernels <= 1), "write `args(n = VALUE)`"),
            (quote!(args(x = "f32[3]", n = 1, z = 2)), "there is no argument `z`; there are: x, n"),
            (quote!(args(x = "f32[b in, 3]", n = 1)), "this is no spec of a tensor"),
            (quote!(args(x = 3, n = 1)), "the type of a tensor is text"),
            (quote!(kernels = 1), "a promise is an upper end: `kernels <= 1`"),
            (quote!(peak <= "64MB"), "\"64MiB\""),
            (quote!(peak < "64MiB"), "a promise is an upper end: `peak <= \"64MiB\"`"),
            (quote!(kernel <= 1), "there is no option `kernel`; there are: args, backend"),
        ];
        for (options, text) in cases {
            let fault = fault(options.clone());
            assert!(fault.contains(text), "{options}: {fault}");
        }
    }
}
