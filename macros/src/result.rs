//! `#[derive(Ret)]`: comes in a struct or an enum, goes out its implementation of `Ret`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Result};

use crate::argument::{Variant, variants};

/// Code that takes a variant apart. A field that is an error is given back with the others as they were.
fn take_apart(variant: &Variant) -> TokenStream {
    let (pattern, tag) = (variant.pattern(), &variant.name);
    let variables: Vec<_> = variant.members.iter().map(|member| &member.variable).collect();
    let names = variant.members.iter().map(|member| &member.name);
    let rebuilds: Vec<_> = (0..variables.len()).map(|k| format_ident!("__rebuild{k}")).collect();
    quote! {
        #pattern => {
            ::ferrodyne::__private::note(&#tag);
            let __before = tensors.len();
            #(let #variables = ::ferrodyne::Ret::take_apart(
                #variables,
                &::ferrodyne::__private::member(name, #names),
                tensors,
            );)*
            match (#(#variables,)*) {
                (#(Ok(#rebuilds),)*) => Ok(::std::boxed::Box::new(move |tensors| {
                    #(let #variables = #rebuilds(tensors);)*
                    #pattern
                })),
                (#(#variables,)*) => {
                    let mut __left = ::ferrodyne::__private::given_back(tensors, __before);
                    #(let #variables = match #variables {
                        Ok(rebuild) => rebuild(&mut __left),
                        Err(broken) => broken,
                    };)*
                    Err(#pattern)
                }
            }
        }
    }
}

pub(crate) fn expand(item: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let arms: Vec<TokenStream> = variants(&input, "Ret")?.iter().map(take_apart).collect();
    let ident = &input.ident;
    let (impl_generics, type_generics, wheres) = input.generics.split_for_impl();
    Ok(quote! {
        impl #impl_generics ::ferrodyne::Ret for #ident #type_generics #wheres {
            #[allow(unused_variables, unused_mut, unreachable_patterns)]
            fn take_apart(
                self,
                name: &str,
                tensors: &mut ::std::vec::Vec<(::std::string::String, ::ferrodyne::Tensor)>,
            ) -> ::std::result::Result<::ferrodyne::Rebuild<Self>, Self> {
                match self { #(#arms)* }
            }
        }
    })
}
