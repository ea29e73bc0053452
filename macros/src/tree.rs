//! `#[derive(Tree)]`: comes in a struct or an enum, goes out its implementation of `Tree`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

use crate::argument::variants;

pub(crate) fn expand(item: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let mut arms = Vec::new();
    for variant in variants(&input, "Tree")? {
        let (pattern, name) = (variant.pattern(), &variant.name);
        let tag = (!name.is_empty()).then(|| quote!(leaves.host(&#name);));
        let fields = variant.members.iter().map(|member| &member.variable);
        arms.push(quote!(#pattern => { #tag #(::ferrodyne::Tree::leaves(#fields, leaves);)* }));
    }
    let empty =
        arms.is_empty().then(|| quote!(_ => ::std::unreachable!("there is no value of this type")));
    let ident = &input.ident;
    let (impl_generics, type_generics, wheres) = input.generics.split_for_impl();
    Ok(quote! {
        impl #impl_generics ::ferrodyne::Tree for #ident #type_generics #wheres {
            #[allow(unused_variables)]
            fn leaves(&mut self, leaves: &mut dyn ::ferrodyne::Leaves) {
                match self { #(#arms)* #empty }
            }
        }
    })
}
