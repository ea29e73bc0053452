//! `#[derive(Arg)]`: comes in a struct or an enum, goes out its implementation of `Arg`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Error, Fields, Ident, Index, Result};

/// A struct, or a variant of an enum.
pub(crate) struct Variant {
    /// `Self`, or `Self::Name`.
    pub(crate) path: TokenStream,
    /// The variant's name; empty for a struct.
    pub(crate) name: String,
    pub(crate) members: Vec<Member>,
}

/// A field.
pub(crate) struct Member {
    /// Its name or position, as it is written.
    pub(crate) tokens: TokenStream,
    pub(crate) name: String,
    /// A variable for it.
    pub(crate) variable: Ident,
    /// Whether it has a name.
    pub(crate) is_named: bool,
}

impl Variant {
    /// A pattern that binds every field to its variable, and equally an expression that makes the value of them.
    pub(crate) fn pattern(&self) -> TokenStream {
        let path = &self.path;
        let fields = self.members.iter().map(|member| {
            let (tokens, variable) = (&member.tokens, &member.variable);
            quote!(#tokens: #variable)
        });
        quote!(#path { #(#fields),* })
    }
}

/// The variants of an enum, or the only one of a struct.
pub(crate) fn variants(input: &DeriveInput, what: &str) -> Result<Vec<Variant>> {
    match &input.data {
        Data::Struct(data) => Ok(vec![Variant {
            path: quote!(Self),
            name: String::new(),
            members: members(&data.fields),
        }]),
        Data::Enum(data) => {
            let variant = |variant: &syn::Variant| {
                let name = &variant.ident;
                let members = members(&variant.fields);
                Variant { path: quote!(Self::#name), name: name.to_string(), members }
            };
            Ok(data.variants.iter().map(variant).collect())
        }
        Data::Union(_) => {
            let message = format!("`{what}` is derived for structs and enums");
            Err(Error::new(input.ident.span(), message))
        }
    }
}

fn members(fields: &Fields) -> Vec<Member> {
    let member = |(at, field): (usize, &syn::Field)| {
        let index = Index::from(at);
        let tokens = field.ident.as_ref().map_or_else(|| quote!(#index), |name| quote!(#name));
        let name = field.ident.as_ref().map_or_else(|| at.to_string(), ToString::to_string);
        let variable = format_ident!("__part{at}");
        Member { tokens, name, variable, is_named: field.ident.is_some() }
    };
    fields.iter().enumerate().map(member).collect()
}

/// Code that shows a field under its name.
fn show(member: &Member) -> TokenStream {
    let Member { name, variable, is_named, .. } = member;
    let part = match is_named {
        true => quote!(::ferrodyne::Part::Field(#name)),
        false => {
            let index: Index = syn::parse_str(name).unwrap_or_else(|_| Index::from(0));
            quote!(::ferrodyne::Part::Member(#index))
        }
    };
    quote! {
        visitor.enter(#part);
        ::ferrodyne::Arg::visit(#variable, visitor);
        visitor.leave();
    }
}

pub(crate) fn expand(item: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let variants = variants(&input, "Arg")?;
    let (mut shown, mut made) = (Vec::new(), Vec::new());
    for (number, variant) in variants.iter().enumerate() {
        let (pattern, name) = (variant.pattern(), &variant.name);
        let number = number as u64;
        let tag = (!name.is_empty())
            .then(|| quote!(visitor.members(#number, &::std::format_args!("{}", #name));));
        let shows = variant.members.iter().map(show);
        shown.push(quote!(#pattern => { #tag #(#shows)* }));
        let variables = variant.members.iter().map(|member| &member.variable);
        made.push(quote! {
            #pattern => {
                #(let #variables = ::ferrodyne::Arg::fresh(#variables, fresh);)*
                #pattern
            }
        });
    }
    let empty = variants
        .is_empty()
        .then(|| quote!(_ => ::std::unreachable!("there is no value of this type")));
    let ident = &input.ident;
    let (impl_generics, type_generics, wheres) = input.generics.split_for_impl();
    Ok(quote! {
        impl #impl_generics ::ferrodyne::Arg for #ident #type_generics #wheres {
            #[allow(unused_variables)]
            fn visit(&self, visitor: &mut dyn ::ferrodyne::ArgVisitor) {
                match self { #(#shown)* #empty }
            }

            #[allow(unused_variables)]
            fn fresh(&self, fresh: &mut dyn ::ferrodyne::Fresh) -> Self {
                match self { #(#made)* #empty }
            }
        }
    })
}
