//! The WGSL library: pure functions for what WGSL leaves open or does inaccurately.
//!
//! In: names of functions. Out: their text, with the functions that they use before them. Each function is a file of
//! `lib/` that stands alone; its header lines say its signature, what it uses, how exact it is and where it comes from.
//! No kernel of an operator lives here.

mod table;

use table::FUNCTIONS;

/// A function of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Name.
    pub name: &'static str,
    /// Signature, from the name's parenthesis on: `(f32) -> f32`.
    pub signature: &'static str,
    /// Functions that it calls.
    pub uses: Vec<&'static str>,
    /// Bound of the error, and the domain on which it holds; `exact` where there is none.
    pub error: &'static str,
    /// The paper, handbook or standard that it follows.
    pub from: &'static str,
    /// The text without the header.
    pub text: &'static str,
}

/// All functions, sorted by name.
pub fn functions() -> impl Iterator<Item = Function> {
    FUNCTIONS.iter().map(|(name, file)| parsed(name, file))
}

/// The function of this name.
pub fn function(name: &str) -> Option<Function> {
    FUNCTIONS.iter().find(|(own, _)| *own == name).map(|(own, file)| parsed(own, file))
}

/// The text of the named functions and of all that they use, each once and before its users; unknown names are left out.
pub fn text<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut done: Vec<&'static str> = Vec::new();
    let mut text = String::new();
    for name in names {
        add(name, &mut done, &mut text);
    }
    text
}

fn add(name: &str, done: &mut Vec<&'static str>, text: &mut String) {
    let Some(function) = function(name) else { return };
    if done.contains(&function.name) {
        return;
    }
    done.push(function.name);
    for used in &function.uses {
        add(used, done, text);
    }
    text.push_str(function.text);
}

fn parsed(name: &'static str, file: &'static str) -> Function {
    let field =
        |key: &str| file.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    let signature = field("//: fn ");
    let signature = signature.strip_prefix(name).unwrap_or(signature);
    let uses = file.lines().filter_map(|line| line.strip_prefix("//: uses ")).collect();
    let start =
        file.lines().take_while(|line| line.starts_with("//:")).map(|line| line.len() + 1).sum();
    let text = file.get(start..).unwrap_or_default();
    Function { name, signature, uses, error: field("//: error "), from: field("//: from "), text }
}
