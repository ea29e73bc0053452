//! `#[derive(Ret)]`: comes in a struct, goes out its implementation of `Ret`, by way of nested pairs.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Result};

use crate::argument::members;

pub(crate) fn expand(item: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let members = members(&input, "Ret")?;
    let names: Vec<_> = (0..members.len()).map(|k| format_ident!("part{k}")).collect();
    let nested = names.iter().rev().fold(quote!(()), |rest, name| quote!((#name, #rest)));
    let ident = &input.ident;
    let (impl_generics, type_generics, wheres) = input.generics.split_for_impl();
    Ok(quote! {
        impl #impl_generics ::ferrodyne::Ret for #ident #type_generics #wheres {
            fn take_apart(
                self,
                name: &str,
                tensors: &mut ::std::vec::Vec<(::std::string::String, ::ferrodyne::Tensor)>,
            ) -> ::std::result::Result<::ferrodyne::Rebuild<Self>, Self> {
                let Self { #(#members: #names),* } = self;
                match ::ferrodyne::Ret::take_apart(#nested, name, tensors) {
                    Ok(rebuild) => Ok(::std::boxed::Box::new(move |tensors| {
                        let #nested = rebuild(tensors);
                        Self { #(#members: #names),* }
                    })),
                    Err(#nested) => Err(Self { #(#members: #names),* }),
                }
            }
        }
    })
}
