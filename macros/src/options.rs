//! The options of `#[compile(..)]`: comes in their text, goes out code that makes them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Error, Ident, LitInt, LitStr, Member, RangeLimits, Result, Token, bracketed, parenthesized,
};

use crate::contract::Contract;

/// Options as they were written.
#[derive(Default)]
pub(crate) struct Options {
    backend: Option<LitStr>,
    programs_max: Option<LitInt>,
    dynamic: Vec<Dynamic>,
    fullgraph: bool,
    replay: bool,
    disable: bool,
    tune: bool,
    int64: Option<LitStr>,
    pub(crate) contract: Contract,
}

/// `x[0] = "batch" in 1..=64`, or `x[0] = static`; `batch.data[0]` is an axis of a part of an argument.
struct Dynamic {
    argument: Ident,
    /// The argument and the way into it, as text.
    path: String,
    axis: LitInt,
    size: DimSize,
}

/// What is declared of an axis.
enum DimSize {
    /// A symbol of a name and a range.
    Symbol(LitStr, Option<(LitInt, LitInt)>),
    /// A number in every program.
    Static,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Options> {
        let mut options = Options::default();
        while !input.is_empty() {
            options.one(input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    fn one(&mut self, input: ParseStream<'_>) -> Result<()> {
        let key: Ident = input.parse()?;
        match key.to_string().as_str() {
            "fullgraph" => self.fullgraph = true,
            "replay" => self.replay = true,
            "disable" => self.disable = true,
            "backend" => {
                input.parse::<Token![=]>()?;
                let backend: LitStr = input.parse()?;
                self.backend = Some(backend);
            }
            "mode" => {
                input.parse::<Token![=]>()?;
                let mode: LitStr = input.parse()?;
                self.tune = match mode.value().as_str() {
                    "default" => false,
                    "max_autotune" => true,
                    other => {
                        let message =
                            format!("there is no mode `{other}`; there are: default, max_autotune");
                        return Err(Error::new(mode.span(), message));
                    }
                };
            }
            "int64" => {
                input.parse::<Token![=]>()?;
                let int64: LitStr = input.parse()?;
                if !["narrow", "pair"].contains(&int64.value().as_str()) {
                    let message = format!("`int64` takes narrow, pair, not `{}`", int64.value());
                    return Err(Error::new(int64.span(), message));
                }
                self.int64 = Some(int64);
            }
            "programs_max" => {
                input.parse::<Token![=]>()?;
                self.programs_max = Some(input.parse()?);
            }
            "dynamic" => {
                let inner;
                parenthesized!(inner in input);
                self.dynamic.extend(Punctuated::<Dynamic, Token![,]>::parse_terminated(&inner)?);
            }
            known if Contract::KEYS.contains(&known) => self.contract.one(&key, input)?,
            other => {
                let message = format!(
                    "there is no option `{other}`; there are: args, backend, disable, dispatches, dynamic, fullgraph, int64, kernels, mode, peak, programs_max, replay, targets"
                );
                return Err(Error::new(key.span(), message));
            }
        }
        Ok(())
    }

    /// Code that makes the options of a function with these arguments, each with whether it is a tensor.
    pub(crate) fn code(&self, name: &str, arguments: &[(String, bool)]) -> Result<TokenStream> {
        let backend = self.backend.as_ref().map(|backend| quote!(.backend(#backend)));
        let programs_max = self.programs_max.as_ref().map(|n| quote!(.programs_max(#n)));
        let fullgraph = self.fullgraph.then(|| quote!(.fullgraph()));
        let replay = self.replay.then(|| quote!(.replay()));
        let disable = self.disable.then(|| quote!(.disable()));
        let tune = self.tune.then(|| quote!(.tune()));
        let int64 = self.int64.as_ref().map(|name| quote!(.int64(#name)));
        let dynamic = self.dynamic.iter().map(|entry| entry.code(arguments));
        let dynamic = dynamic.collect::<Result<Vec<_>>>()?;
        let names = arguments.iter().map(|(name, _)| name);
        Ok(quote! {
            ::ferrodyne::__private::SiteOptions::new(#name, &[#(#names),*]) #backend #programs_max #fullgraph #replay #disable #tune #int64 #(#dynamic)*
        })
    }
}

impl Dynamic {
    /// Code that declares the axis.
    fn code(&self, arguments: &[(String, bool)]) -> Result<TokenStream> {
        let wanted = self.argument.to_string();
        let is_part = self.path != wanted;
        let fits = |(name, is_tensor): &(String, bool)| *name == wanted && (*is_tensor || is_part);
        if !arguments.iter().any(fits) {
            let message = format!("`{wanted}` is no argument of type `Tensor` or `&Tensor`");
            return Err(Error::new(self.argument.span(), message));
        }
        let (path, axis) = (&self.path, &self.axis);
        Ok(match &self.size {
            DimSize::Static => quote!(.static_dim(#path, #axis)),
            DimSize::Symbol(name, range) => {
                let (low, high) = match range {
                    Some((low, high)) => (quote!(#low), quote!(#high)),
                    None => (quote!(0), quote!(i64::MAX)),
                };
                quote!(.dynamic(#path, #axis, #name, #low, #high))
            }
        })
    }
}

impl Parse for Dynamic {
    fn parse(input: ParseStream<'_>) -> Result<Dynamic> {
        let argument: Ident = input.parse()?;
        let mut path = argument.to_string();
        let axis = loop {
            if input.parse::<Option<Token![.]>>()?.is_some() {
                let member: Member = input.parse()?;
                path += &match member {
                    Member::Named(name) => format!(".{name}"),
                    Member::Unnamed(index) => format!(".{}", index.index),
                };
                continue;
            }
            if !input.peek(syn::token::Bracket) {
                let message =
                    format!("name a dim: `{path}[0] = \"batch\"`, or `{path}[0] = static`");
                return Err(Error::new(argument.span(), message));
            }
            let inner;
            bracketed!(inner in input);
            let index: LitInt = inner.parse()?;
            if input.peek(Token![=]) {
                break index;
            }
            path += &format!("[{index}]");
        };
        input.parse::<Token![=]>()?;
        let size = match input.parse::<Option<Token![static]>>()? {
            Some(_) => DimSize::Static,
            None => {
                let name = input.parse::<LitStr>().map_err(|error| {
                    Error::new(
                        error.span(),
                        "a dim is `static`, or has a name: `\"batch\" in 1..=64`",
                    )
                })?;
                DimSize::Symbol(name, range(input)?)
            }
        };
        Ok(Dynamic { argument, path, axis, size })
    }
}

/// `in 1..=64`, where it is written.
fn range(input: ParseStream<'_>) -> Result<Option<(LitInt, LitInt)>> {
    if input.parse::<Option<Token![in]>>()?.is_none() {
        return Ok(None);
    }
    let low = input.parse()?;
    let limits: RangeLimits = input.parse()?;
    if matches!(limits, RangeLimits::HalfOpen(_)) {
        return Err(input.error("write the range with `..=`, both ends included"));
    }
    Ok(Some((low, input.parse()?)))
}
