//! `#[derive(Module)]`: comes in a struct, goes out its implementation of `Module`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Field, Index, Result};

/// What a field's attribute says.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Nothing: its type decides.
    Sorted,
    /// Left out.
    Skipped,
    /// The switch between training and inference.
    Training,
}

fn kind(field: &Field) -> Result<Kind> {
    let mut kind = Kind::Sorted;
    for attr in field.attrs.iter().filter(|attr| attr.path().is_ident("module")) {
        attr.parse_nested_meta(|meta| {
            kind = match meta.path.get_ident().map(ToString::to_string).as_deref() {
                Some("skip") => Kind::Skipped,
                Some("training") => Kind::Training,
                _ => {
                    return Err(
                        meta.error("a field takes `#[module(skip)]` or `#[module(training)]`")
                    );
                }
            };
            Ok(())
        })?;
    }
    Ok(kind)
}

/// Whether the type says itself what is printed of it.
fn has_repr(input: &DeriveInput) -> Result<bool> {
    let mut found = false;
    for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("module")) {
        attr.parse_nested_meta(|meta| {
            found = meta.path.is_ident("extra_repr");
            if found { Ok(()) } else { Err(meta.error("a type takes `#[module(extra_repr)]`")) }
        })?;
    }
    Ok(found)
}

pub(crate) fn expand(item: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(
            input.ident.span(),
            "`Module` is derived for structs; write the trait by hand for others",
        ));
    };
    let (mut shown, mut switched) = (Vec::new(), Vec::new());
    for (index, field) in data.fields.iter().enumerate() {
        let kind = kind(field)?;
        let member = match &field.ident {
            Some(name) => quote!(#name),
            None => {
                let index = Index::from(index);
                quote!(#index)
            }
        };
        let name = member.to_string();
        let span = field.ty.span();
        if kind != Kind::Skipped {
            shown.push(
                quote_spanned! { span=> (&&&&&&Sorted(&self.#member)).visit_field(#name, visitor); },
            );
        }
        switched.push(match kind {
            Kind::Sorted => quote_spanned! { span=>
                (&&SortedMut(::std::cell::RefCell::new(&mut self.#member))).switch_field(training);
            },
            Kind::Training => quote_spanned! { span=> self.#member = training; },
            Kind::Skipped => quote!(),
        });
    }
    let ident = &input.ident;
    let name = ident.to_string();
    let extra_repr = has_repr(&input)?.then(|| {
        quote! {
            fn extra_repr(&self) -> ::std::option::Option<::std::string::String> {
                // The type's own method goes before that of the trait.
                let repr: ::std::string::String = Self::extra_repr(self);
                ::std::option::Option::Some(repr)
            }
        }
    });
    let (impl_generics, type_generics, wheres) = input.generics.split_for_impl();
    Ok(quote! {
        impl #impl_generics ::ferrodyne::Module for #ident #type_generics #wheres {
            fn type_name(&self) -> &str {
                #name
            }

            #extra_repr

            #[allow(unused_imports, unused_variables, clippy::needless_borrow)]
            fn visit(&self, visitor: &mut dyn ::ferrodyne::Visitor) {
                use ::ferrodyne::__private::field::{AsConfig as _, AsField as _, AsFloat as _, AsHashed as _, AsInterior as _, AsUnknown as _, Sorted};
                #(#shown)*
            }

            #[allow(unused_imports, unused_variables, clippy::needless_borrow)]
            fn set_training(&mut self, training: bool) {
                use ::ferrodyne::__private::field::{SortedMut, SwitchField as _, SwitchNothing as _};
                #(#switched)*
            }
        }
    })
}
