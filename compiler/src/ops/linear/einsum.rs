//! Sums of products named by letters.

use ferrodyne_plan::{Diagnostic, Dim};

use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};
use crate::ops::case::Case;
use crate::ops::row::{Arity, Op};

/// What an axis is called: a letter, or its place in the dots counted from the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Dots(usize),
    Letter(char),
}

/// A value whose axes have labels.
#[derive(Clone)]
struct Term {
    value: NodeId,
    labels: Vec<Label>,
}

fn fault(b: &Builder, node: &Node, rule: &str) -> Diagnostic {
    let equation = node.attrs.get_str("equation");
    b.fault("einsum", "attribute", format_args!("`{equation}`: {rule}"))
}

/// The labels of one side of an equation; `dots` is how many axes an ellipsis stands for.
fn labels(text: &str, dots: usize) -> Option<Vec<Label>> {
    let mut labels = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("...") {
            labels.extend((0..dots).rev().map(Label::Dots));
            rest = after;
        } else if letter.is_ascii_alphabetic() {
            labels.push(Label::Letter(letter));
            rest = &rest[1..];
        } else {
            return None;
        }
    }
    Some(labels)
}

fn parse(b: &Builder, node: &Node, x: &[NodeId]) -> Result<(Vec<Term>, Vec<Label>), Diagnostic> {
    let equation: String =
        node.attrs.get_str("equation").chars().filter(|c| !c.is_whitespace()).collect();
    let (left, right) = match equation.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (equation.as_str(), None),
    };
    let parts: Vec<&str> = left.split(',').collect();
    if parts.len() != x.len() {
        let rule = format!("names {} operands, but got {}", parts.len(), x.len());
        return Err(fault(b, node, &rule));
    }
    let syntax = || fault(b, node, "holds more than letters, commas, `...` and one `->`");
    let (mut terms, mut most_dots) = (Vec::new(), 0);
    for (part, &value) in parts.iter().zip(x) {
        let letters = part.chars().filter(char::is_ascii_alphabetic).count();
        let dots = b.rank(value).checked_sub(letters).filter(|&d| d == 0 || part.contains("..."));
        let Some(dots) = dots else {
            let rule = format!("{}, whose axes `{part}` does not name", b.describe(value));
            return Err(fault(b, node, &rule));
        };
        most_dots = most_dots.max(dots);
        terms.push(Term { value, labels: labels(part, dots).ok_or_else(syntax)? });
    }
    let output = match right {
        Some(right) => labels(right, most_dots).ok_or_else(syntax)?,
        None => implicit(&terms, most_dots),
    };
    for (k, label) in output.iter().enumerate() {
        let known = terms.iter().any(|term| term.labels.contains(label));
        if !known || output[..k].contains(label) {
            return Err(fault(b, node, "the result must name axes of the operands, each once"));
        }
    }
    Ok((terms, output))
}

/// Without an arrow: the dots, then the letters that stand once, in the order of the alphabet.
fn implicit(terms: &[Term], dots: usize) -> Vec<Label> {
    let all: Vec<Label> = terms.iter().flat_map(|term| term.labels.iter().copied()).collect();
    let mut letters: Vec<Label> = all
        .iter()
        .copied()
        .filter(|label| matches!(label, Label::Letter(_)))
        .filter(|label| all.iter().filter(|other| *other == label).count() == 1)
        .collect();
    letters.sort_unstable();
    (0..dots).rev().map(Label::Dots).chain(letters).collect()
}

/// A term in which no label stands twice: repeated axes become their diagonal.
fn without_repeats(b: &mut Builder, mut term: Term) -> Result<Term, Diagnostic> {
    while let Some((first, second)) = repeated(&term.labels) {
        let attrs = Attrs::new().int("axis1", first as i64).int("axis2", second as i64);
        term.value = b.add("diagonal", &[term.value], attrs)?;
        let label = term.labels.remove(second);
        term.labels.remove(first);
        term.labels.push(label);
    }
    Ok(term)
}

fn repeated(labels: &[Label]) -> Option<(usize, usize)> {
    (0..labels.len())
        .find_map(|i| (i + 1..labels.len()).find(|&j| labels[i] == labels[j]).map(|j| (i, j)))
}

/// A term without the axes of size 1 that broadcast against a larger axis elsewhere.
fn without_ones(b: &mut Builder, terms: &[Term], k: usize) -> Result<Term, Diagnostic> {
    let mut term = terms[k].clone();
    let is_one = |dim: &Dim| dim.as_const() == Some(1);
    for axis in (0..term.labels.len()).rev() {
        let label = term.labels[axis];
        let larger = terms.iter().any(|other| {
            let at = other.labels.iter().position(|&l| l == label);
            at.is_some_and(|at| !is_one(&b.dims(other.value)[at]))
        });
        if is_one(&b.dims(term.value)[axis]) && larger {
            term.value = b.squeeze(term.value, axis as i64)?;
            term.labels.remove(axis);
        }
    }
    Ok(term)
}

/// A term summed over the axes that nobody needs any more.
fn summed(b: &mut Builder, term: Term, needed: &[Label]) -> Result<Term, Diagnostic> {
    let (kept, gone): (Vec<usize>, Vec<usize>) =
        (0..term.labels.len()).partition(|&axis| needed.contains(&term.labels[axis]));
    if gone.is_empty() {
        return Ok(term);
    }
    let axes: Vec<i64> = gone.iter().map(|&axis| axis as i64).collect();
    let value = b.reduce("sum", term.value, &axes, false)?;
    Ok(Term { value, labels: kept.iter().map(|&axis| term.labels[axis]).collect() })
}

fn multiplied(b: &mut Builder, x: Term, y: Term, needed: &[Label]) -> Result<Term, Diagnostic> {
    let with = |labels: &[Label]| [needed, labels].concat();
    let x = summed(b, x, &with(&y.labels))?;
    let y = summed(b, y, &with(&x.labels))?;
    let (mut batch, mut contract, mut result) = (Vec::new(), Vec::new(), Vec::new());
    for (i, label) in x.labels.iter().enumerate() {
        if let Some(j) = y.labels.iter().position(|other| other == label) {
            if needed.contains(label) {
                batch.push((i as i64, j as i64));
                result.push(*label);
            } else {
                contract.push((i as i64, j as i64));
            }
        }
    }
    result.extend(x.labels.iter().filter(|label| !y.labels.contains(label)));
    result.extend(y.labels.iter().filter(|label| !x.labels.contains(label)));
    let value = b.dot(x.value, y.value, &batch, &contract)?;
    Ok(Term { value, labels: result })
}

fn einsum(b: &mut Builder, node: &Node, x: &[NodeId]) -> Result<NodeId, Diagnostic> {
    let (parsed, output) = parse(b, node, x)?;
    let mut terms = Vec::new();
    for term in parsed {
        terms.push(without_repeats(b, term)?);
    }
    let mut plain = Vec::new();
    for k in 0..terms.len() {
        plain.push(without_ones(b, &terms, k)?);
    }
    let mut rest = plain.into_iter();
    let mut result = rest.next().ok_or_else(|| fault(b, node, "names no operand"))?;
    let mut waiting: Vec<Term> = rest.collect();
    while !waiting.is_empty() {
        let next = waiting.remove(0);
        let later = waiting.iter().flat_map(|term| term.labels.iter().copied());
        let needed: Vec<Label> = output.iter().copied().chain(later).collect();
        result = multiplied(b, result, next, &needed)?;
    }
    let result = summed(b, result, &output)?;
    let order: Vec<i64> = output
        .iter()
        .filter_map(|label| result.labels.iter().position(|l| l == label))
        .map(|axis| axis as i64)
        .collect();
    b.permute(result.value, &order)
}

/// Sums of products named by letters.
pub(super) static EINSUM: Op = Op::composite(
    "einsum",
    "Sums of products by `equation`: each operand's axes are named by letters, `...` stands for axes that broadcast, a letter twice in \
     one operand is its diagonal, and letters that the result after `->` lacks are summed over. Without an arrow the result has the \
     letters that stand once, in the order of the alphabet.",
    1,
    einsum,
)
.arity(Arity::AtLeast(1))
.attrs(&[AttrSpec::required("equation", AttrKind::Str)])
.cases(|| {
    let of = |equation: &str| Case::new().with(Attrs::new().str("equation", equation));
    vec![
        of("ij,jk->ik").f32(&[3, 4]).f32(&[4, 5]),
        of("bij, bkj").f32(&[2, 3, 4]).f32(&[2, 5, 4]),
        of("ii->i").f32(&[4, 4]),
        of("ii").f32(&[4, 4]),
        of("...ij->...ji").f32(&[2, 3, 4]),
        of("...ij,...jk->...ik").f32(&[2, 1, 3, 4]).f32(&[5, 4, 2]),
        of("i,j,k->kij").f32(&[2]).f32(&[3]).f32(&[4]),
        of("ij->").f32(&[3, 4]),
        of("bhqd,bhkd->bhqk").f32(&[2, 2, 3, 4]).f32(&[2, 2, 5, 4]),
        of("ij,ij,j->i").f32(&[2, 3]).f32(&[2, 3]).f32(&[3]),
    ]
});
