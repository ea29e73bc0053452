//! The attributes and derives of ferrodyne: what users write is kept as it is, and wrapped.
//!
//! Generated code names everything by `::ferrodyne::__private`, which belongs to this crate's version alone.

mod argument;
mod branch;
mod changes;
mod compiled;
mod cond;
mod contract;
mod derive_module;
mod live;
mod module;
mod options;
mod repeat;
mod result;
mod scope;
mod tree;

use proc_macro::TokenStream;

/// Compiles the calls of a function or a method: the first records what it does with tensors, and later ones go straight to the
/// program that was made of it, as long as its guards hold.
///
/// Options: `backend = "inductor"` (or `no_fusion`, `eager`, `reference`), `dynamic(x[0] = "batch" in 1..=64)` for dims that are
/// symbolic from the first call, `dynamic(x[1] = static)` for dims that are numbers in every program, `programs_max = 8`,
/// `fullgraph` (a graph break is an error), `replay` (the body runs on every call, for functions with side effects),
/// `mode = "max_autotune"` (schedules may be timed on the device), `int64 = "pair"` (i64 is computed in 64 bits on devices), `disable` (the function runs operator by operator, also inside of
/// compiled ones).
///
/// Promises, which `cargo test` checks by compiling for targets that need not be there: `args(x = "f32[batch in 1..=64, 1024]")`
/// gives the types of all arguments, `kernels <= 1`, `dispatches <= 2` and `peak <= "64MiB"` are upper ends over the whole range of
/// every symbol, `targets("webgpu-default", "vulkan-desktop")` names the targets. A function gets a test of its own,
/// `NAME_keeps_its_contract`; a method gets a method `NAME_keeps_its_contract(&self) -> Result<()>`, to be called from a test.
///
/// Arguments are tensors, `Scalar`s, host values of any type with `Hash`, `Eq` and `Clone`, and containers of them. A `&mut` tensor, or
/// container of tensors, takes the value that the body gives it.
///
/// Conditions of `if`, `while` and guards of `match` may be tensors of one value, and so may the end of a range in `for i in a..b`, whose
/// positions are tensors then: both sides, and as many trips as the values ask for, are part of one program. While it is made, the body
/// runs several times, and both sides of each branch. What a graph cannot hold is read instead, and said in the statistics: a host value
/// that differs between sides or changes in a loop, `return` inside of a loop on a tensor, a `break` with a value or for an outer loop,
/// changes behind cells. Closures and other functions without the attribute read tensors that they decide on.
///
/// Methods take `&self`, and their type is a module; they may be those of a trait, and functions of an `impl` without `self` may be
/// compiled too. What happened to a function or a method is told by `ferrodyne::function_stats("its_name")`.
///
/// A function that returns a `Result<_, ferrodyne::Error>` yields faults of the compiler and the device; another one panics
/// with them.
#[proc_macro_attribute]
pub fn compile(options: TokenStream, item: TokenStream) -> TokenStream {
    finish(compiled::expand(options.into(), item.into()))
}

/// Makes a type callable and compilable by its method `forward`: on an inherent `impl` block of a type with
/// `#[derive(Module)]`. Also gives the type a `Display` that prints its tree, and, where methods of the block have contracts
/// (`#[compile(args(..), kernels <= 1)]`), a method `check_contracts(&self) -> Result<()>` that checks them all.
#[proc_macro_attribute]
pub fn module(options: TokenStream, item: TokenStream) -> TokenStream {
    finish(module::expand(options.into(), item.into()))
}

/// Names a type's parameters, buffers, submodules and configuration. Fields are told apart by their types; `#[module(skip)]`
/// leaves one out, and `#[module(training)]` marks a `bool` that `train()` and `eval()` switch. `#[module(extra_repr)]` on the type prints
/// what its method `fn extra_repr(&self) -> String` gives in place of its configuration.
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(item: TokenStream) -> TokenStream {
    finish(derive_module::expand(item.into()))
}

/// Lets a struct or an enum be an argument of compiled functions: its fields are, and another variant is another program.
#[proc_macro_derive(Arg)]
pub fn derive_arg(item: TokenStream) -> TokenStream {
    finish(argument::expand(item.into()))
}

/// Lets a struct or an enum be a result of compiled functions: its fields are.
#[proc_macro_derive(Ret)]
pub fn derive_ret(item: TokenStream) -> TokenStream {
    finish(result::expand(item.into()))
}

/// Lets a struct or an enum be changed in branches and loops on tensors, and be what `flow::while_loop` and its like carry: its tensors are
/// joined, and what else it holds must stay as it is.
#[proc_macro_derive(Tree)]
pub fn derive_tree(item: TokenStream) -> TokenStream {
    finish(tree::expand(item.into()))
}

fn finish(expanded: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expanded.unwrap_or_else(|error| error.to_compile_error()).into()
}

#[cfg(test)]
mod tests;
