//! `#[derive(Arg)]`: comes in a struct, goes out its implementation of `Arg`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Index, Result};

/// The members of a struct, by name or position.
pub(crate) fn members(input: &DeriveInput, what: &str) -> Result<Vec<TokenStream>> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(input.ident.span(), format!("`{what}` is derived for structs")));
    };
    Ok(match &data.fields {
        Fields::Unit => Vec::new(),
        Fields::Named(fields) => {
            fields.named.iter().filter_map(|f| f.ident.as_ref()).map(|name| quote!(#name)).collect()
        }
        Fields::Unnamed(fields) => (0..fields.unnamed.len())
            .map(|at| {
                let at = Index::from(at);
                quote!(#at)
            })
            .collect(),
    })
}

pub(crate) fn expand(item: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let members = members(&input, "Arg")?;
    let ident = &input.ident;
    let (impl_generics, type_generics, wheres) = input.generics.split_for_impl();
    Ok(quote! {
        impl #impl_generics ::ferrodyne::Arg for #ident #type_generics #wheres {
            #[allow(unused_variables)]
            fn visit(&self, visitor: &mut dyn ::ferrodyne::ArgVisitor) {
                #(::ferrodyne::Arg::visit(&self.#members, visitor);)*
            }

            #[allow(unused_variables)]
            fn fresh(&self, next: &mut dyn FnMut(&::ferrodyne::Tensor) -> ::ferrodyne::Tensor) -> Self {
                Self { #(#members: ::ferrodyne::Arg::fresh(&self.#members, next)),* }
            }
        }
    })
}
