//! The options of `#[compile(..)]`: comes in their text, goes out code that makes them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, LitInt, LitStr, RangeLimits, Result, Token, bracketed, parenthesized};

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
}

/// `x[0] = "batch" in 1..=64`
struct Dynamic {
    argument: Ident,
    axis: LitInt,
    name: LitStr,
    range: Option<(LitInt, LitInt)>,
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
            "programs_max" => {
                input.parse::<Token![=]>()?;
                self.programs_max = Some(input.parse()?);
            }
            "dynamic" => {
                let inner;
                parenthesized!(inner in input);
                self.dynamic.extend(Punctuated::<Dynamic, Token![,]>::parse_terminated(&inner)?);
            }
            other => {
                let message = format!(
                    "there is no option `{other}`; there are: backend, disable, dynamic, fullgraph, mode, programs_max, replay"
                );
                return Err(Error::new(key.span(), message));
            }
        }
        Ok(())
    }

    /// Code that makes the options of a function; `tensors` are its arguments, with whether each is a tensor.
    pub(crate) fn code(&self, name: &str, tensors: &[(String, bool)]) -> Result<TokenStream> {
        let backend = self.backend.as_ref().map(|backend| quote!(.backend(#backend)));
        let programs_max = self.programs_max.as_ref().map(|n| quote!(.programs_max(#n)));
        let fullgraph = self.fullgraph.then(|| quote!(.fullgraph()));
        let replay = self.replay.then(|| quote!(.replay()));
        let disable = self.disable.then(|| quote!(.disable()));
        let tune = self.tune.then(|| quote!(.tune()));
        let mut dynamic = Vec::new();
        for entry in &self.dynamic {
            let wanted = entry.argument.to_string();
            let place = tensors.iter().position(|(name, tensor)| *tensor && *name == wanted);
            let Some(place) = place else {
                let message = format!("`{wanted}` is no argument of type `Tensor` or `&Tensor`");
                return Err(Error::new(entry.argument.span(), message));
            };
            let index = tensors[..place].iter().filter(|(_, tensor)| *tensor).count();
            let (axis, name) = (&entry.axis, &entry.name);
            let (low, high) = match &entry.range {
                Some((low, high)) => (quote!(#low), quote!(#high)),
                None => (quote!(1), quote!(i64::MAX)),
            };
            dynamic.push(quote!(.dynamic(#index, #axis, #name, #low, #high)));
        }
        let arguments = tensors.iter().filter(|(_, tensor)| *tensor).map(|(name, _)| name);
        Ok(quote! {
            ::ferrodyne::__private::SiteOptions::new(#name, &[#(#arguments),*]) #backend #programs_max #fullgraph #replay #disable #tune #(#dynamic)*
        })
    }
}

impl Parse for Dynamic {
    fn parse(input: ParseStream<'_>) -> Result<Dynamic> {
        let argument = input.parse()?;
        let inner;
        bracketed!(inner in input);
        let axis = inner.parse()?;
        input.parse::<Token![=]>()?;
        let name = input.parse()?;
        let range = match input.parse::<Option<Token![in]>>()? {
            None => None,
            Some(_) => {
                let low = input.parse()?;
                let limits: RangeLimits = input.parse()?;
                if matches!(limits, RangeLimits::HalfOpen(_)) {
                    return Err(input.error("write the range with `..=`, both ends included"));
                }
                Some((low, input.parse()?))
            }
        };
        Ok(Dynamic { argument, axis, name, range })
    }
}
