//! What the attribute refuses, and what it tells the user to write instead.

use proc_macro2::TokenStream;
use quote::quote;

fn fault(options: TokenStream, item: TokenStream) -> String {
    match crate::compiled::expand(options, item) {
        Ok(tokens) => panic!("this is no fault: {tokens}"),
        Err(error) => error.to_string(),
    }
}

fn refused(item: TokenStream) -> String {
    fault(TokenStream::new(), item)
}

#[test]
fn functions_that_cannot_be_compiled_are_refused() {
    let text = refused(quote!(
        async fn f(x: &Tensor) -> Tensor {
            x + 1
        }
    ));
    assert_eq!(text, "a compiled function cannot be `async`: await outside of it");
    let text = refused(quote!(
        const fn f(x: &Tensor) -> &Tensor {
            x
        }
    ));
    assert!(text.contains("`const`: it is compiled when it is first called"), "{text}");
    let text = refused(quote!(
        unsafe fn f(x: &Tensor) -> Tensor {
            x + 1
        }
    ));
    assert!(text.contains("write an `unsafe` block in its body"), "{text}");
    let text = refused(quote!(
        extern "C" fn f(x: &Tensor) -> Tensor {
            x + 1
        }
    ));
    assert!(text.contains("call it from a function of that ABI"), "{text}");
}

#[test]
fn what_is_no_function_is_refused() {
    let text = refused(quote!(
        struct S;
    ));
    assert!(text.starts_with("`#[compile]` goes on a function or a method with a body"), "{text}");
    let text = refused(quote!(
        fn f(x: &Tensor) -> Tensor;
    ));
    assert!(text.starts_with("`#[compile]` goes on a function or a method with a body"), "{text}");
}

#[test]
fn a_method_takes_a_shared_reference() {
    let text = refused(quote!(
        fn f(self, x: &Tensor) -> Tensor {
            x + 1
        }
    ));
    assert!(text.contains("must take `&self`"), "{text}");
    let text = refused(quote!(
        fn f(&mut self, x: &Tensor) -> Tensor {
            x + 1
        }
    ));
    assert!(text.contains("must take `&self`"), "{text}");
}

#[test]
fn unknown_options_name_those_there_are() {
    let f = || {
        quote!(
            fn f(x: &Tensor) -> Tensor {
                x + 1
            }
        )
    };
    let text = fault(quote!(speed = 11), f());
    assert!(text.starts_with("there is no option `speed`; there are: args, backend"), "{text}");
    let text = fault(quote!(mode = "fastest"), f());
    assert!(text.starts_with("there is no mode `fastest`; there are:"), "{text}");
    let text = fault(quote!(dynamic(z[0] = "batch")), f());
    assert!(text.contains("`z`"), "{text}");
}

/// The loops of a body that may be part of a graph are entered, end their trips and are left by calls.
#[test]
fn loops_call_where_they_begin_and_end() {
    let text = |body: TokenStream| {
        let item = quote!(fn f(x: &Tensor) -> Tensor { let mut y = x.clone(); #body y });
        crate::compiled::expand(TokenStream::new(), item).unwrap().to_string()
    };
    let calls = |text: &str| {
        ["loop_enter", "loop_test", "loop_back", "loop_end"].map(|call| text.matches(call).count())
    };
    assert_eq!(
        calls(&text(quote!(while c {
            y = y + 1;
        }))),
        [1, 1, 1, 1]
    );
    assert_eq!(
        calls(&text(quote!(while c {
            if d {
                continue;
            }
            y = y + 1;
        }))),
        [1, 1, 2, 1]
    );
    assert_eq!(
        calls(&text(quote!(for i in 0..n {
            y = y + i;
        }))),
        [1, 0, 1, 1]
    );
    // A number as the end, an iterator and a pattern are the host's.
    assert_eq!(
        calls(&text(quote!(for i in 0..3 {
            y = y + i;
        }))),
        [0; 4]
    );
    assert_eq!(
        calls(&text(quote!(for i in list {
            y = y + i;
        }))),
        [0; 4]
    );
    assert_eq!(
        calls(&text(quote!(while let Some(t) = list.pop() {
            y = y + t;
        }))),
        [0; 4]
    );
    // What is assigned on the way out alone has no value where a trip begins.
    assert_eq!(calls(&text(quote!(let z; loop { if c { z = 1; break; } } y = y + z;))), [0; 4]);
}
