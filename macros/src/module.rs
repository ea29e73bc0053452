//! `#[module]`: comes in an inherent `impl` block with `forward`, goes out the block and what makes its type callable.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{
    Error, FnArg, Generics, ImplItem, ImplItemFn, ItemImpl, Lifetime, Pat, Result, ReturnType,
    Type, TypeReference,
};

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> Result<TokenStream> {
    if !options.is_empty() {
        return Err(Error::new_spanned(options, "`#[module]` takes no options"));
    }
    let mut block: ItemImpl = syn::parse2(item)?;
    if let Some((_, path, _)) = &block.trait_ {
        return Err(Error::new_spanned(
            path,
            "`#[module]` goes on an inherent `impl` block: `impl Net { fn forward(..) .. }`",
        ));
    }
    let span = proc_macro2::Span::call_site();
    for item in &mut block.items {
        if let ImplItem::Fn(function) = item
            && function.sig.receiver().is_some()
            && function.sig.asyncness.is_none()
            && function.sig.constness.is_none()
        {
            crate::branch::rewrite(&function.sig, &mut function.block);
            let allowed = crate::branch::allowed();
            function.attrs.push(syn::parse_quote!(#allowed));
        }
    }
    let forward = block.items.iter_mut().find_map(|item| match item {
        ImplItem::Fn(function) if function.sig.ident == "forward" => Some(function),
        _ => None,
    });
    let Some(forward) = forward else {
        return Err(Error::new(
            span,
            "`#[module]` needs a method `fn forward(&self, ..)` in the block",
        ));
    };
    let call = Call::of(forward)?;
    let statement = syn::parse_quote! { let __scope = ::ferrodyne::__private::enter(self); };
    forward.block.stmts.insert(0, statement);
    let callables = [callable(&block, &call, false), callable(&block, &call, true)];
    let (ident, generics) = (&block.self_ty, &block.generics);
    let (impl_generics, _, wheres) = generics.split_for_impl();
    let layer = call.is_layer().then(|| {
        quote! {
            impl #impl_generics ::ferrodyne::nn::Layer for #ident #wheres {
                fn apply(&self, x: &::ferrodyne::Tensor) -> ::ferrodyne::Tensor {
                    self.forward(x)
                }
            }
        }
    });
    let contracts = contracts(&block)?;
    Ok(quote! {
        #block
        #contracts
        #(#callables)*
        #layer

        impl #impl_generics ::std::fmt::Display for #ident #wheres {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::ferrodyne::__private::write_tree(self, f)
            }
        }
    })
}

/// A method that checks the contracts of all methods of the block that have one.
fn contracts(block: &ItemImpl) -> Result<Option<TokenStream>> {
    let mut checkers = Vec::new();
    for item in &block.items {
        let ImplItem::Fn(function) = item else { continue };
        let is_compile = |attr: &&syn::Attribute| {
            attr.path().segments.last().is_some_and(|segment| segment.ident == "compile")
        };
        for attr in function.attrs.iter().filter(is_compile) {
            let syn::Meta::List(list) = &attr.meta else { continue };
            let options: crate::options::Options = syn::parse2(list.tokens.clone())?;
            if options.contract.is_made() {
                checkers.push(crate::contract::checker(&function.sig.ident));
            }
        }
    }
    if checkers.is_empty() {
        return Ok(None);
    }
    let (own, (impl_generics, _, wheres)) = (&block.self_ty, block.generics.split_for_impl());
    Ok(Some(quote! {
        impl #impl_generics #own #wheres {
            /// Checks the contracts of all methods: call it from a test.
            ///
            /// # Errors
            /// The first contract that is broken.
            #[allow(dead_code)]
            pub fn check_contracts(&self) -> ::ferrodyne::Result<()> {
                #(self.#checkers()?;)*
                ::std::result::Result::Ok(())
            }
        }
    }))
}

/// The arguments and the result of `forward`.
struct Call {
    names: Vec<String>,
    types: Vec<Type>,
    lifetimes: Vec<Lifetime>,
    result: Type,
}

impl Call {
    fn of(forward: &ImplItemFn) -> Result<Call> {
        let signature = &forward.sig;
        let by_reference = matches!(signature.inputs.first(), Some(FnArg::Receiver(r)) if r.reference.is_some() && r.mutability.is_none());
        if !by_reference {
            return Err(Error::new_spanned(signature, "`forward` must take `&self`"));
        }
        if let Some(parameter) = signature.generics.params.first() {
            return Err(Error::new_spanned(
                parameter,
                "`forward` cannot be generic: put the parameter on the type",
            ));
        }
        let result = match &signature.output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, ty) => (**ty).clone(),
        };
        let mut named = Named::default();
        let (mut names, mut types) = (Vec::new(), Vec::new());
        for input in signature.inputs.iter().skip(1) {
            let FnArg::Typed(argument) = input else { continue };
            if matches!(*argument.ty, Type::ImplTrait(_)) {
                return Err(Error::new_spanned(
                    &argument.ty,
                    "`forward` cannot take `impl Trait`: name the type",
                ));
            }
            let mut ty = (*argument.ty).clone();
            named.visit_type_mut(&mut ty);
            names.push(match &*argument.pat {
                Pat::Ident(pattern) => pattern.ident.to_string(),
                _ => format!("x{}", types.len()),
            });
            types.push(ty);
        }
        Ok(Call { names, types, lifetimes: named.lifetimes, result })
    }

    /// Whether it is from one tensor to one tensor, so that the type can stand in a `Sequential`.
    fn is_layer(&self) -> bool {
        let tensor = |ty: &Type| matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|s| s.ident == "Tensor"));
        let [Type::Reference(argument)] = self.types.as_slice() else { return false };
        argument.mutability.is_none() && tensor(&argument.elem) && tensor(&self.result)
    }
}

/// Gives names to the lifetimes of references that have none.
#[derive(Default)]
struct Named {
    lifetimes: Vec<Lifetime>,
}

impl VisitMut for Named {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if reference.lifetime.is_none() {
            let lifetime = Lifetime::new(
                &format!("'fd{}", self.lifetimes.len()),
                proc_macro2::Span::call_site(),
            );
            self.lifetimes.push(lifetime.clone());
            reference.lifetime = Some(lifetime);
        }
        self.visit_type_mut(&mut reference.elem);
    }
}

fn callable(block: &ItemImpl, call: &Call, by_reference: bool) -> TokenStream {
    let mut generics: Generics = block.generics.clone();
    for lifetime in &call.lifetimes {
        generics.params.insert(0, syn::parse_quote!(#lifetime));
    }
    let own = &block.self_ty;
    let (ty, module) = match by_reference {
        true => {
            generics.params.insert(0, syn::parse_quote!('fd_self));
            (quote!(&'fd_self #own), quote!(*self))
        }
        false => (quote!(#own), quote!(self)),
    };
    let (impl_generics, _, wheres) = generics.split_for_impl();
    let types = &call.types;
    let names: Vec<_> = (0..types.len()).map(|k| format_ident!("x{k}")).collect();
    let (arguments, pattern) = match types.as_slice() {
        [only] => (quote!(#only), quote!(x0)),
        _ => (quote!((#(#types,)*)), quote!((#(#names,)*))),
    };
    let (result, argument_names) = (&call.result, &call.names);
    quote! {
        impl #impl_generics ::ferrodyne::Callable<#arguments> for #ty #wheres {
            type Out = #result;

            fn module(&self) -> ::std::option::Option<&dyn ::ferrodyne::Module> {
                ::std::option::Option::Some(#module)
            }

            fn arguments(&self) -> &'static [&'static str] {
                &[#(#argument_names),*]
            }

            fn invoke(&self, #pattern: #arguments) -> #result {
                self.forward(#(#names),*)
            }
        }
    }
}
