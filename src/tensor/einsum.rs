//! Sums of products in Einstein's notation.

use ferrodyne_plan::Source;

use super::Tensor;
use super::contract::contracted;
use super::pair::expect;
use crate::error::{Error, Result};

/// An operand with a label for each axis.
struct Labelled {
    tensor: Tensor,
    labels: Vec<char>,
}

#[track_caller]
fn fault<T>(equation: &str, message: impl std::fmt::Display) -> Result<T> {
    Err(Error::at("shape", format!("einsum: in `{equation}`, {message}"), Source::caller()))
}

impl Tensor {
    /// The sum of products that an equation says: `"bij,bjk->bik"`. Without `->` the result has the labels that occur once, in
    /// alphabetical order; `...` stands for leading axes, which broadcast.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let a = Tensor::ones([2, 3], &Device::cpu());
    /// assert_eq!(Tensor::einsum("ij,kj->ik", &[&a, &a]).to_vec::<f32>()?, [3.0; 4]);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    ///
    /// # Panics
    /// When the operands do not fit the equation; [`Tensor::try_einsum`] returns the fault instead.
    #[track_caller]
    pub fn einsum(equation: &str, operands: &[&Tensor]) -> Tensor {
        expect(Tensor::try_einsum(equation, operands))
    }

    /// [`Tensor::einsum`] with faults as errors.
    ///
    /// # Errors
    /// A malformed equation, and operands that do not fit it.
    #[track_caller]
    pub fn try_einsum(equation: &str, operands: &[&Tensor]) -> Result<Tensor> {
        let (terms, result) = parse(equation, operands)?;
        let mut rest: Vec<Labelled> = Vec::new();
        for (tensor, labels) in operands.iter().zip(terms) {
            rest.push(without_repeats(equation, (*tensor).clone(), labels)?);
        }
        let mut product = rest.remove(0);
        while !rest.is_empty() {
            let next = rest.remove(0);
            let needed = |label: char| {
                result.contains(&label) || rest.iter().any(|r| r.labels.contains(&label))
            };
            product = pair(product, next, needed)?;
        }
        let product = summed(product, |label| result.contains(&label))?;
        if let Some(label) = result.iter().find(|label| !product.labels.contains(label)) {
            return fault(equation, format_args!("the result has `{label}`, which no operand has"));
        }
        let mut order: Vec<isize> = Vec::new();
        for label in &result {
            order.push(position(&product.labels, *label) as isize);
        }
        product.tensor.try_permute(&order)
    }
}

fn position(labels: &[char], label: char) -> usize {
    labels.iter().position(|&l| l == label).unwrap_or(labels.len())
}

/// Labels for the axes of each operand and of the result; the axes of `...` are labelled with digits from the last one on.
#[track_caller]
fn parse(equation: &str, operands: &[&Tensor]) -> Result<(Vec<Vec<char>>, Vec<char>)> {
    let text: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
    let (inputs, output) = match text.split_once("->") {
        Some((inputs, output)) => (inputs, Some(output)),
        None => (text.as_str(), None),
    };
    let terms: Vec<&str> = inputs.split(',').collect();
    if terms.len() != operands.len() {
        return fault(
            equation,
            format_args!("there are {} terms for {} operands", terms.len(), operands.len()),
        );
    }
    let mut dots = 0;
    let mut all = Vec::new();
    for (term, tensor) in terms.iter().zip(operands) {
        let named = term.replace("...", "").chars().count();
        if let Some(bad) = term.replace("...", "").chars().find(|c| !c.is_ascii_alphabetic()) {
            return fault(equation, format_args!("`{bad}` is no label"));
        }
        let hidden = tensor.rank().checked_sub(named).filter(|&n| n == 0 || term.contains("..."));
        let Some(hidden) = hidden else {
            return fault(
                equation,
                format_args!("`{term}` does not fit a tensor of shape {}", tensor.shape()),
            );
        };
        dots = dots.max(hidden);
        all.push(labels(term, hidden));
    }
    let result = match output {
        Some(output) => labels(output, if output.contains("...") { dots } else { 0 }),
        None => {
            let count = |label: char| all.iter().flatten().filter(|&&l| l == label).count();
            let mut once: Vec<char> = all
                .iter()
                .flatten()
                .copied()
                .filter(|&l| l.is_alphabetic() && count(l) == 1)
                .collect();
            once.sort_unstable();
            [ellipsis(dots), once].concat()
        }
    };
    Ok((all, result))
}

/// Labels of the axes that `...` stands for.
fn ellipsis(n: usize) -> Vec<char> {
    (0..n)
        .rev()
        .map(|k| char::from_digit(k as u32, 36).unwrap_or('0'))
        .filter(char::is_ascii_digit)
        .collect()
}

fn labels(term: &str, hidden: usize) -> Vec<char> {
    match term.split_once("...") {
        Some((front, back)) => front.chars().chain(ellipsis(hidden)).chain(back.chars()).collect(),
        None => term.chars().collect(),
    }
}

/// An operand whose labels all differ: repeated ones are taken along their diagonal.
#[track_caller]
fn without_repeats(equation: &str, mut tensor: Tensor, mut labels: Vec<char>) -> Result<Labelled> {
    while let Some((first, second)) = repeated(&labels) {
        let shape = tensor.shape();
        if shape.size(first) != shape.size(second) {
            return fault(
                equation,
                format_args!(
                    "`{}` is both {} and {}",
                    labels[first],
                    shape.size(first),
                    shape.size(second)
                ),
            );
        }
        tensor = tensor.try_diagonal(0, first as isize, second as isize)?;
        let label = labels.remove(second);
        labels.remove(first);
        labels.push(label);
    }
    Ok(Labelled { tensor, labels })
}

fn repeated(labels: &[char]) -> Option<(usize, usize)> {
    (0..labels.len()).find_map(|i| {
        let later = labels[i + 1..].iter().position(|l| *l == labels[i])?;
        Some((i, i + 1 + later))
    })
}

/// An operand with the labels summed away that are not needed.
#[track_caller]
fn summed(x: Labelled, needed: impl Fn(char) -> bool) -> Result<Labelled> {
    let axes: Vec<isize> =
        (0..x.labels.len()).filter(|&k| !needed(x.labels[k])).map(|k| k as isize).collect();
    if axes.is_empty() {
        return Ok(x);
    }
    let tensor = x.tensor.try_sum_dim(axes, false)?;
    Ok(Labelled { tensor, labels: x.labels.into_iter().filter(|&label| needed(label)).collect() })
}

/// The product of two operands, with what is not needed later summed away.
#[track_caller]
fn pair(x: Labelled, y: Labelled, needed: impl Fn(char) -> bool) -> Result<Labelled> {
    let (x, y) = broadcast(x, y)?;
    let x = summed(x, |label| needed(label) || y.labels.contains(&label))?;
    let y = summed(y, |label| needed(label) || x.labels.contains(&label))?;
    let shared: Vec<char> =
        x.labels.iter().copied().filter(|label| y.labels.contains(label)).collect();
    let (batch, inner): (Vec<char>, Vec<char>) = shared.iter().partition(|&&label| needed(label));
    let at = |operand: &Labelled, labels: &[char]| -> Vec<i64> {
        labels.iter().map(|&label| position(&operand.labels, label) as i64).collect()
    };
    let tensor = contracted(
        &x.tensor,
        &y.tensor,
        (&at(&x, &batch), &at(&y, &batch)),
        (&at(&x, &inner), &at(&y, &inner)),
    )?;
    let free = |operand: &Labelled| -> Vec<char> {
        operand.labels.iter().copied().filter(|label| !shared.contains(label)).collect()
    };
    Ok(Labelled { tensor, labels: [batch, free(&x), free(&y)].concat() })
}

/// Drops a shared axis of size 1 from the operand whose partner is larger there; only axes of `...` broadcast.
#[track_caller]
fn broadcast(mut x: Labelled, mut y: Labelled) -> Result<(Labelled, Labelled)> {
    for label in x.labels.clone().into_iter().filter(char::is_ascii_digit) {
        let Some(there) = y.labels.iter().position(|&l| l == label) else { continue };
        let here = position(&x.labels, label);
        let (a, b) = (x.tensor.shape().size(here).hint(), y.tensor.shape().size(there).hint());
        if a == 1 && b != 1 {
            x.tensor = x.tensor.try_squeeze(here as isize)?;
            x.labels.remove(here);
        } else if b == 1 && a != 1 {
            y.tensor = y.tensor.try_squeeze(there as isize)?;
            y.labels.remove(there);
        }
    }
    Ok((x, y))
}
