//! Dims that the user has declared: symbolic, or numbers in every program.

use std::collections::BTreeSet;

use ferrodyne_compiler::graph::{Graph, GuardFact};
use ferrodyne_plan::{Dim, Name, Range, Source};

use super::call::{Call, Given};
use super::note::What;
use super::options::Options;
use crate::capture::Recorder;
use crate::error::{Error, Result};

/// An axis of a tensor among the arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) tensor: Place,
    pub(crate) axis: usize,
}

/// Which tensor among the arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// By its number among the tensors.
    Number(usize),
    /// By the argument's name and the way into it: `batch.data`.
    Path(String),
}

impl Axis {
    /// Whether it is this axis of the `number`-th tensor, which has a path.
    pub(crate) fn is(&self, number: usize, path: &str, axis: usize) -> bool {
        self.axis == axis && self.tensor.is(number, path)
    }
}

impl Place {
    pub(crate) fn is(&self, number: usize, path: &str) -> bool {
        match self {
            Place::Number(own) => *own == number,
            Place::Path(own) => own == path,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Number(number) => write!(f, "tensor {number}"),
            Place::Path(path) => write!(f, "`{path}`"),
        }
    }
}

/// A dim that is symbolic from the first call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Declared {
    pub(crate) at: Axis,
    /// Name for messages.
    pub(crate) name: String,
    /// Values allowed.
    pub(crate) range: Range,
}

/// Declared dims that a recording has fixed to a number, with the lines that did so.
pub(super) fn pinned(graph: &Graph, options: &Options) -> Vec<(Name, i64, Source)> {
    let declared = |dim: &Dim| {
        let name = dim.as_var()?.name();
        options.dynamic.iter().any(|declared| *declared.name == **name).then(|| name.clone())
    };
    let pins = graph.guards.iter().filter_map(|guard| {
        let GuardFact::Equal(a, b) = &guard.fact else { return None };
        let (name, size) = match (declared(a), declared(b)) {
            (Some(name), _) => (name, b.as_const()?),
            (None, Some(name)) => (name, a.as_const()?),
            (None, None) => return None,
        };
        Some((name, size, guard.source.clone()))
    });
    pins.collect()
}

/// Positions of sizes that are numbers and may be what declared dims were fixed to. A dim that is broadcast is 1 by itself.
pub(super) fn numbers_of(
    pinned: &[(Name, i64, Source)],
    call: &Call,
    options: &Options,
) -> BTreeSet<usize> {
    let mut positions = BTreeSet::new();
    for (number, given) in call.tensors().enumerate() {
        for axis in 0..given.rank() {
            let size = call.words[given.at + axis];
            let is = |known: &Axis| known.is(number, call.path(given), axis);
            let is_told = options.dynamic.iter().map(|d| &d.at).chain(&options.fixed).any(is);
            if !is_told && size != 1 && pinned.iter().any(|(_, pin, _)| *pin == size) {
                positions.insert(given.at + axis);
            }
        }
    }
    positions
}

/// The dims of the `number`-th tensor, whose sizes stand from `at` on: symbols where they are declared or vary.
pub(crate) fn declare(
    options: &Options,
    number: usize,
    path: &str,
    at: usize,
    sizes: &[usize],
    varying: &BTreeSet<usize>,
    recorder: &mut Recorder,
) -> Vec<Dim> {
    let dim = |(axis, &size): (usize, &usize)| {
        let size = size as i64;
        let is = |known: &Axis| known.is(number, path, axis);
        if let Some(declared) = options.dynamic.iter().find(|declared| is(&declared.at)) {
            return recorder.symbol(Name::from(declared.name.as_str()), declared.range, size);
        }
        match varying.contains(&(at + axis)) && !options.fixed.iter().any(is) {
            true => recorder.symbol(symbol_name(path, axis), Range::at_least(0), size),
            false => Dim::constant(size),
        }
    };
    sizes.iter().enumerate().map(dim).collect()
}

/// The name of a symbol that the user has not named: letters, digits and underscores.
fn symbol_name(path: &str, axis: usize) -> Name {
    let plain = |c: char| if c.is_alphanumeric() { c } else { '_' };
    Name::from(format!("{}_{axis}", path.chars().map(plain).collect::<String>()))
}

/// Checks a call against what the user has declared of its dims.
///
/// # Errors
/// A tensor or a dim that is not there, a size out of its range, and one name for two sizes.
pub(crate) fn check(options: &Options, call: &Call) -> Result<()> {
    let fault = |message: String| {
        let message = format!("`{}`: {message}", options.name);
        Error::at("dynamic", message, options.source.clone())
    };
    for Axis { tensor, axis } in options.dynamic.iter().map(|d| &d.at).chain(&options.fixed) {
        match find(tensor, call) {
            Some(given) if *axis >= given.rank() => {
                let rank = given.rank();
                return Err(fault(format!("{tensor} has rank {rank}, so there is no dim {axis}")));
            }
            Some(_) => {}
            None if may_be_absent(tensor, call) => {}
            None => return Err(fault(no_tensor(tensor, call.tensors().map(|g| call.path(g))))),
        }
    }
    sizes(&options.dynamic, call).map_err(fault)
}

/// The tensor at a place.
fn find<'a>(place: &Place, call: &'a Call) -> Option<&'a Given> {
    let mut numbered = call.tensors().enumerate();
    numbered.find(|(number, given)| place.is(*number, call.path(given))).map(|(_, given)| given)
}

/// Whether other calls may have a tensor at a place where this one has none: it is optional, in a list, or of a variant.
fn may_be_absent(place: &Place, call: &Call) -> bool {
    let mut varying = call.notes().iter().filter(|note| matches!(note.what, What::Members(_)));
    varying.any(|note| match place {
        Place::Number(_) => true,
        Place::Path(path) => path.starts_with(&note.path),
    })
}

/// Says that there is no tensor at a place, and which there are.
pub(crate) fn no_tensor<'a>(place: &Place, tensors: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> =
        tensors.enumerate().map(|(number, name)| format!("{number} is `{name}`")).collect();
    match names.is_empty() {
        true => format!("there is no {place} whose dim could be declared: no argument is a tensor"),
        false => format!(
            "there is no {place} whose dim could be declared; of the tensors, {}",
            names.join(", ")
        ),
    }
}

/// Checks the sizes of declared dims.
fn sizes(declared: &[Declared], call: &Call) -> std::result::Result<(), String> {
    let mut known: Vec<(&str, i64, String)> = Vec::new();
    for Declared { at, name, range } in declared {
        let Some(given) = find(&at.tensor, call) else { continue };
        let size = call.words[given.at + at.axis];
        let place = format!("{}'s dim {}", call.path(given), at.axis);
        if !range.contains(size) {
            return Err(format!("{place}, `{name}`, must be in {range}, and is {size}"));
        }
        match known.iter().find(|(other, ..)| other == name) {
            Some((_, other, first)) if *other != size => {
                return Err(format!(
                    "`{name}` must be one size: {first} is {other}, and {place} is {size}"
                ));
            }
            Some(_) => {}
            None => known.push((name, size, place)),
        }
    }
    Ok(())
}
