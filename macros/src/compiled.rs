//! `#[compile]`: comes in a function or a method, goes out a wrapper of the same signature beside its body.

use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::{
    Error, FnArg, GenericParam, Ident, ItemFn, Pat, PatType, Result, ReturnType, Signature, Type,
};

use crate::options::Options;

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let options: Options = syn::parse2(options)?;
    let mut function: ItemFn = syn::parse2(item).map_err(|error| {
        Error::new(
            error.span(),
            format!("`#[compile]` goes on a function or a method with a body: {error}"),
        )
    })?;
    check(&function.sig)?;
    let contract = match function.sig.receiver().is_some() {
        true => options.contract.checker(&function)?,
        false => options.contract.test(&function)?,
    };
    crate::branch::rewrite(&function.sig, &mut function.block);
    let arguments = arguments(&function.sig)?;
    let tensors: Vec<(String, bool)> =
        arguments.iter().map(|a| (a.name.to_string(), a.is_tensor)).collect();
    let options = options.code(&function.sig.ident.to_string(), &tensors)?;
    let function = match function.sig.receiver().is_some() {
        true => method(&function, &arguments, &options)?,
        false => free(&function, &arguments, &options)?,
    };
    Ok(quote!(#function #contract))
}

fn check(signature: &Signature) -> Result<()> {
    let fault = |tokens: &dyn quote::ToTokens, what: &str| {
        Err(Error::new_spanned(tokens, format!("a compiled function cannot be {what}")))
    };
    if let Some(token) = &signature.asyncness {
        return fault(token, "`async`: await outside of it");
    }
    if let Some(token) = &signature.constness {
        return fault(token, "`const`: it is compiled when it is first called");
    }
    if let Some(token) = &signature.unsafety {
        return fault(token, "`unsafe`: write an `unsafe` block in its body");
    }
    match &signature.abi {
        Some(token) => fault(token, "`extern`: call it from a function of that ABI"),
        None => Ok(()),
    }
}

/// An argument by a plain name.
struct Argument {
    name: Ident,
    /// Its type is `Tensor` or `&Tensor`.
    is_tensor: bool,
    /// It is `&mut`: the function gives it a new value.
    is_changed: bool,
}

fn arguments(signature: &Signature) -> Result<Vec<Argument>> {
    let mut arguments = Vec::new();
    for (index, input) in signature.inputs.iter().enumerate() {
        let FnArg::Typed(argument) = input else { continue };
        let name = match &*argument.pat {
            Pat::Ident(pattern) => pattern.ident.clone(),
            _ => format_ident!("__argument{index}"),
        };
        let is_changed = is_mutable(&argument.ty);
        arguments.push(Argument { name, is_tensor: is_tensor(&argument.ty), is_changed });
    }
    Ok(arguments)
}

fn is_mutable(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => reference.mutability.is_some(),
        Type::Group(inner) => is_mutable(&inner.elem),
        Type::Paren(inner) => is_mutable(&inner.elem),
        _ => false,
    }
}

pub(crate) fn is_tensor(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => is_tensor(&reference.elem),
        // A type that came through a macro of the user.
        Type::Group(inner) => is_tensor(&inner.elem),
        Type::Paren(inner) => is_tensor(&inner.elem),
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|segment| segment.ident == "Tensor")
        }
        _ => false,
    }
}

/// The signature with every argument under a plain name, as the wrapper needs it.
fn plain(signature: &Signature, arguments: &[Argument]) -> Signature {
    let mut plain = signature.clone();
    let typed = plain.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    });
    for (input, argument) in typed.zip(arguments) {
        let name = &argument.name;
        *input.pat = syn::parse_quote!(#name);
    }
    plain
}

/// How the wrapper reaches the programs: the entry without and with arguments that are changed, what it is given before the
/// arguments, and the body.
struct Entry {
    call: TokenStream,
    change: TokenStream,
    first: TokenStream,
    body: TokenStream,
}

/// Code that calls the body through its programs. An argument is seen in the way that its type allows; one that is `&mut` goes
/// in by value, and its new value comes out beside the result.
fn dispatch(entry: &Entry, arguments: &[Argument]) -> TokenStream {
    let Entry { call, change, first, body } = entry;
    let (mut sorts, mut values, mut pattern, mut passed) = (vec![], vec![], vec![], vec![]);
    for Argument { name, is_changed, .. } in arguments {
        if *is_changed {
            values.push(quote!(::std::clone::Clone::clone(&*#name)));
            pattern.push(quote!(mut #name));
            passed.push(quote!(&mut #name));
            continue;
        }
        let kind = format_ident!("__kind_of_{name}");
        sorts.push(quote!(let #kind = (&&&&Sort::of(&#name)).pick();));
        values.push(quote!(#kind.put(#name)));
        pattern.push(quote!(#name));
        passed.push(quote!(#kind.take(#name)));
    }
    let sorts = quote! {
        #[allow(unused_imports)]
        use ::ferrodyne::__private::pick::{PickArg as _, PickHost as _, PickMute as _, PickUnknown as _, Sort};
        #(#[allow(clippy::needless_borrow)] #sorts)*
    };
    let changed: Vec<&Ident> = arguments.iter().filter(|a| a.is_changed).map(|a| &a.name).collect();
    if changed.is_empty() {
        return quote! {
            #sorts
            #call(#first, (#(#values,)*), |(#(#pattern,)*)| #body(#(#passed),*))
        };
    }
    let new: Vec<Ident> = changed.iter().map(|name| format_ident!("__new_{name}")).collect();
    quote! {
        #sorts
        let (__result, __changed) = #change(#first, (#(#values,)*), |(#(#pattern,)*)| {
            let __result = #body(#(#passed),*);
            (__result, (#(#changed,)*))
        });
        if let ::std::option::Option::Some((#(#new,)*)) = __changed {
            #(*#changed = #new;)*
        }
        __result
    }
}

/// Types and constants of a function's generics, for a path to it; none where an `impl Trait` argument forbids them.
fn turbofish(signature: &Signature) -> TokenStream {
    let has_impl = signature
        .inputs
        .iter()
        .any(|input| matches!(input, FnArg::Typed(a) if matches!(*a.ty, Type::ImplTrait(_))));
    let names: Vec<&Ident> = signature
        .generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(ty) => Some(&ty.ident),
            GenericParam::Const(constant) => Some(&constant.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    if has_impl || names.is_empty() { quote!() } else { quote!(::<#(#names),*>) }
}

fn free(function: &ItemFn, arguments: &[Argument], options: &TokenStream) -> Result<TokenStream> {
    let entry = Entry {
        call: quote!(::ferrodyne::__private::call),
        change: quote!(::ferrodyne::__private::change),
        first: quote!(&SITE),
        body: quote!(__body),
    };
    if mentions_self(function) {
        return Ok(wrapper(function, arguments, options, entry));
    }
    // A function of its own, where it can be one: the compiler's messages about the body are those that it would have without us.
    let (attrs, vis, block) = (&function.attrs, &function.vis, &function.block);
    let mut inner = function.sig.clone();
    inner.ident = format_ident!("__body");
    let outer = plain(&function.sig, arguments);
    let span = function.sig.ident.span();
    let allowed = crate::branch::allowed();
    let generics = turbofish(&function.sig);
    let call = dispatch(&Entry { body: quote!(__body #generics), ..entry }, arguments);
    Ok(quote_spanned! { span=>
        #(#attrs)*
        #[track_caller]
        #vis #outer {
            #allowed
            #inner #block
            static SITE: ::ferrodyne::__private::Site = ::ferrodyne::__private::Site::new(|| #options);
            #call
        }
    })
}

fn method(function: &ItemFn, arguments: &[Argument], options: &TokenStream) -> Result<TokenStream> {
    let receiver =
        function.sig.receiver().filter(|r| r.reference.is_some() && r.mutability.is_none());
    if receiver.is_none() {
        return Err(Error::new_spanned(
            &function.sig,
            "a compiled method must take `&self`: borrow the module, and return what is new",
        ));
    }
    let entry = Entry {
        call: quote!(::ferrodyne::__private::call_method),
        change: quote!(::ferrodyne::__private::change_method),
        first: quote!(&SITE, self),
        body: quote!(),
    };
    Ok(wrapper(function, arguments, options, entry))
}

/// A wrapper with the body in a closure, which sees `self` and `Self`, and may stand in the `impl` of a trait: a second method could not.
fn wrapper(
    function: &ItemFn,
    arguments: &[Argument],
    options: &TokenStream,
    entry: Entry,
) -> TokenStream {
    let (attrs, vis, block) = (&function.attrs, &function.vis, &function.block);
    let outer = plain(&function.sig, arguments);
    let parameters = function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(argument) => Some(parameter(argument)),
        FnArg::Receiver(_) => None,
    });
    let result = match &function.sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    let span = function.sig.ident.span();
    let allowed = crate::branch::allowed();
    let body = quote!((|#(#parameters),*| -> #result #block));
    let call = dispatch(&Entry { body, ..entry }, arguments);
    quote_spanned! { span=>
        #(#attrs)*
        #allowed
        #[track_caller]
        #vis #outer {
            static SITE: ::ferrodyne::__private::Site = ::ferrodyne::__private::Site::new(|| #options);
            #call
        }
    }
}

/// An argument as a closure takes it, which has no `impl Trait`.
fn parameter(argument: &PatType) -> TokenStream {
    let (pattern, ty) = (&argument.pat, &argument.ty);
    match names(quote!(#ty), &["impl"]) {
        true => quote!(#pattern),
        false => quote!(#pattern: #ty),
    }
}

/// Whether it is an associated function that speaks of its type.
fn mentions_self(function: &ItemFn) -> bool {
    let (signature, block) = (&function.sig, &function.block);
    names(quote!(#signature #block), &["Self"])
}

fn names(tokens: TokenStream, words: &[&str]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => words.iter().any(|word| ident == word),
        TokenTree::Group(group) => names(group.stream(), words),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
