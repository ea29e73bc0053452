//! Awkward functions, compiled and eager, called several times in an order that mixes their inputs.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

use ferrodyne::Result;
use ferrodyne::prelude::*;

use crate::tensor::{close, devices};

/// A function under `#[compile]` with its twin that runs eagerly.
struct Twins {
    name: &'static str,
    compiled: fn(&Tensor) -> Tensor,
    eager: fn(&Tensor) -> Tensor,
}

impl Twins {
    /// Compares one call on a device with eager execution on the CPU. Both draw the same random numbers.
    fn agree(&self, start: f32, device: &Device) {
        let on = |device: &Device| {
            device.manual_seed(17);
            Tensor::from_vec(vec![start, 0.5, -0.25], [3], device)
        };
        let want = (self.eager)(&on(&Device::cpu())).to_vec::<f32>().unwrap();
        close(
            &(self.compiled)(&on(device)),
            &want,
            &format!("{} at {start} on {device}", self.name),
        );
    }
}

/// What a seeded walk over the corpus takes next.
struct Order(u64);

impl Order {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

const STARTS: [f32; 6] = [2.0, -3.0, 0.5, 2.0, -1.0, 0.0];

/// The seed of this device's random numbers is shared by the tests that draw.
static DRAWING: Mutex<()> = Mutex::new(());

/// Each function is defined twice, eagerly and compiled with the default backend, and called with the same inputs.
macro_rules! corpus {
    ($($(#[$meta:meta])* fn $name:ident($x:ident: &Tensor) -> Tensor $body:block)*) => {
        mod compiled {
            use super::*;
            $(
                $(#[$meta])*
                #[compile]
                pub(super) fn $name($x: &Tensor) -> Tensor $body
            )*
        }

        mod eager {
            use super::*;
            $(
                $(#[$meta])*
                #[compile(backend = "eager")]
                pub(super) fn $name($x: &Tensor) -> Tensor $body
            )*
        }

        const ALL: &[Twins] = &[
            $(Twins { name: stringify!($name), compiled: compiled::$name, eager: eager::$name }),*
        ];

        $(
            #[test]
            fn $name() {
                let _drawing = DRAWING.lock().unwrap_or_else(PoisonError::into_inner);
                let twins = ALL.iter().find(|twins| twins.name == stringify!($name)).unwrap();
                STARTS.iter().for_each(|&start| twins.agree(start, &Device::cpu()));
            }
        )*
    };
}

#[test]
fn calls_in_random_order_agree_on_every_device() {
    let _drawing = DRAWING.lock().unwrap_or_else(PoisonError::into_inner);
    for device in devices() {
        let mut order = Order(20_261_124);
        for _ in 0..4 * ALL.len() {
            let (twins, start) = (&ALL[order.below(ALL.len())], STARTS[order.below(STARTS.len())]);
            twins.agree(start, &device);
        }
        // Whatever the walk has missed.
        ALL.iter().for_each(|twins| twins.agree(1.5, &device));
    }
}

fn number(x: &Tensor) -> f32 {
    x.sum().item().unwrap()
}

#[compile]
fn doubled_if_positive(x: &Tensor) -> Tensor {
    if x.sum() > 0 { x * 2 } else { x.clone() }
}

#[compile]
fn factorial(x: &Tensor, n: usize) -> Tensor {
    if n == 0 { x.clone() } else { factorial(&(x * n), n - 1) }
}

trait Act {
    fn act(&self, x: &Tensor) -> Tensor;
}

#[derive(Arg)]
struct Add(f64);

#[derive(Arg)]
struct Gate;

impl Act for Add {
    fn act(&self, x: &Tensor) -> Tensor {
        x + self.0
    }
}

impl Act for Gate {
    fn act(&self, x: &Tensor) -> Tensor {
        if number(x) > 0.0 { x.relu() } else { x * 0.1 }
    }
}

struct Scaled {
    factor: Parameter,
    shift: f64,
}

impl Module for Scaled {
    fn type_name(&self) -> &str {
        "Scaled"
    }

    fn visit(&self, visitor: &mut dyn ferrodyne::Visitor) {
        visitor.parameter("factor", &self.factor);
        visitor.config("shift", &self.shift);
    }
}

impl Scaled {
    #[compile]
    fn step(&self, x: &Tensor) -> Tensor {
        let y = x * self.factor.tensor();
        if y.sum() > 0 { y + self.shift } else { y - self.shift }
    }
}

#[compile]
fn acted<A: Act + Arg + 'static>(act: &A, x: &Tensor) -> Tensor {
    let y = act.act(x);
    if y.sum() > 0 { y } else { y * 0.5 }
}

fn descend(x: &Tensor, depth: usize) -> Tensor {
    if depth == 0 { x.clone() } else { descend(&(x * 0.5 + depth), depth - 1) }
}

#[compile]
fn even(x: &Tensor, n: usize) -> Tensor {
    if n == 0 { x.clone() } else { odd(&(x + 1), n - 1) }
}

#[compile]
fn odd(x: &Tensor, n: usize) -> Tensor {
    if n == 0 {
        -x
    } else if x.sum() > 5 {
        even(&(x * 2), n - 1)
    } else {
        even(x, n - 1)
    }
}

fn fill(list: &mut Vec<Tensor>, x: &Tensor, n: usize) {
    list.extend((0..n).map(|k| x * k + 1));
}

/// A branch on a tensor outside of `#[compile]`: the value is read.
fn plain_absolute(x: &Tensor) -> Tensor {
    if x.sum() > 0.0 { x.clone() } else { -x }
}

fn apply<F: Fn(&Tensor) -> Tensor>(f: F, x: &Tensor) -> Tensor {
    f(&f(x))
}

corpus! {
    fn reads_a_value(x: &Tensor) -> Tensor {
        x * number(x)
    }

    fn reads_twice(x: &Tensor) -> Tensor {
        let y = x * number(x) + 1;
        y.clone() / (number(&y).abs() + 1.0)
    }

    fn branches_on_a_read_value(x: &Tensor) -> Tensor {
        if number(x) > 0.0 { x + 1 } else { x - 1 }
    }

    fn loops_as_often_as_a_value_says(x: &Tensor) -> Tensor {
        let trips = number(&x.abs()) as usize;
        (0..trips).fold(x.clone(), |y, i| y * 0.5 + i)
    }

    fn prints_in_between(x: &Tensor) -> Tensor {
        let y = x.exp();
        assert!(y.to_string().starts_with('['));
        y * 2
    }

    fn calls_a_compiled_function(x: &Tensor) -> Tensor {
        doubled_if_positive(x) + doubled_if_positive(&-x)
    }

    fn calls_itself(x: &Tensor) -> Tensor {
        factorial(x, 3)
    }

    fn calls_through_a_trait_object(x: &Tensor) -> Tensor {
        let acts: Vec<Box<dyn Act>> = vec![Box::new(Add(0.5)), Box::new(Gate)];
        acts.iter().fold(x.clone(), |x, act| act.act(&x))
    }

    fn calls_a_generic_function(x: &Tensor) -> Tensor {
        apply(|x| x.sin() + 1, x)
    }

    fn passes_a_closure_with_state(x: &Tensor) -> Tensor {
        let count = Cell::new(0);
        let y = apply(|x| { count.set(count.get() + 1); x + count.get() }, x);
        y * count.get()
    }

    fn returns_from_a_nested_loop(x: &Tensor) -> Tensor {
        for i in 0..3 {
            for j in 0..2 {
                if x.sum() > i * 2 + j {
                    return x * i + j;
                }
            }
        }
        x.clone()
    }

    fn leaves_an_outer_loop(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        'outer: for i in 0..3 {
            for j in 0..2 {
                y = y + i + j;
                if y.sum() > 6 {
                    break 'outer;
                }
                if y.sum() > 3 {
                    continue 'outer;
                }
            }
        }
        y
    }

    fn fills_a_map(x: &Tensor) -> Tensor {
        let mut map = BTreeMap::new();
        map.insert("a", x.clone());
        if x.sum() > 0 {
            map.insert("a", x * 2);
        } else {
            map.insert("a", x * 3);
        }
        map["a"].clone() + map.len()
    }

    fn maps_differ(x: &Tensor) -> Tensor {
        let mut map = BTreeMap::new();
        if x.sum() > 0 {
            map.insert("positive", x * 2);
        }
        map.values().fold(x.clone(), |sum, t| sum + t)
    }

    fn keeps_an_option(x: &Tensor) -> Tensor {
        let mut best: Option<Tensor> = None;
        for k in 1..4 {
            let y = x * k;
            if best.as_ref().is_none_or(|b| number(b) < number(&y)) {
                best = Some(y);
            }
        }
        best.unwrap()
    }

    fn uses_a_ref_cell(x: &Tensor) -> Tensor {
        let log = RefCell::new(vec![x.clone()]);
        if x.sum() > 0 {
            log.borrow_mut().push(x * 2);
        }
        let log = log.into_inner();
        log.iter().fold(x.zeros_like(), |sum, t| sum + t)
    }

    fn swaps(x: &Tensor) -> Tensor {
        let (mut a, mut b) = (x + 1, x * 2);
        if x.sum() > 0 {
            std::mem::swap(&mut a, &mut b);
        }
        a - b * 3
    }

    fn takes_from_an_option(x: &Tensor) -> Tensor {
        let mut held = Some(x * 2);
        let y = if x.sum() > 0 { held.take().unwrap() } else { x.clone() };
        if held.is_some() { y + 1 } else { y - 1 }
    }

    fn has_no_elements(x: &Tensor) -> Tensor {
        let none = x.narrow(0, 0, 0);
        if none.sum() > 0 { x * 2 } else { Tensor::cat(&[&none, x], 0) }
    }

    fn compares_text_and_numbers(x: &Tensor) -> Tensor {
        let (name, list) = ("mean", [1usize, 2, 3]);
        if name == "mean" && list.contains(&2) && list.len() >= 3 && 0.5 < list[0] as f64 {
            x.mean() + x
        } else {
            x.clone()
        }
    }

    fn matches_with_bindings(x: &Tensor) -> Tensor {
        match (x.rank(), x.dim(0).get()) {
            (1, n) if n > 2 => x * n,
            (r, n) => x * r + n,
        }
    }

    fn panics_are_not_taken(x: &Tensor) -> Tensor {
        let y = x.sum();
        if y > 1000 { unreachable!("it is small") }
        x + y
    }

    fn a_question_mark_inside(x: &Tensor) -> Tensor {
        let run = || -> Result<Tensor> { x.try_add(x)?.try_mul(2) };
        run().unwrap()
    }

    fn shadows_in_arms(x: &Tensor) -> Tensor {
        let y = x + 1;
        let z = if x.sum() > 0 {
            let y = &y * 2;
            y.clone() + 1
        } else {
            let x = &y - 3;
            x * 2
        };
        y + z
    }

    fn chooses_references(x: &Tensor) -> Tensor {
        let list = [x + 1, x * 2, x - 3];
        let first = if x.sum() > 1 { &list[0] } else if x.sum() > 0 { &list[1] } else { &list[2] };
        first * 2
    }

    fn while_on_a_tensor(x: &Tensor) -> Tensor {
        let mut y = x.abs() + 1;
        while y.sum() < 50 {
            y = y * 2;
        }
        y
    }

    fn loop_until(x: &Tensor) -> Tensor {
        let mut y = x.abs() + 1;
        let top = loop {
            y = y * 3;
            if y.sum() > 100 {
                break y.clone() - 1;
            }
        };
        top + y
    }

    fn while_let_on_the_host(x: &Tensor) -> Tensor {
        let mut work = vec![1, 2, 3];
        let mut y = x.clone();
        while let Some(k) = work.pop() {
            if y.sum() > k {
                y = y - k;
            }
        }
        y
    }

    fn conditions_with_effects(x: &Tensor) -> Tensor {
        let seen = Cell::new(0);
        let look = |b: bool| { seen.set(seen.get() + 1); b };
        let mut y = x.clone();
        if look(false) && look(true) || look(true) {
            y = y + seen.get();
        }
        y
    }

    fn negated_conditions(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        if !(x.sum() > 0) && !x.shape().sizes().is_empty() {
            y = -y;
        }
        if x.sum() != 0 || y.sum() == 0 { y + 1 } else { y }
    }

    fn compares_tensors(x: &Tensor) -> Tensor {
        let (a, b) = (x.sum(), x.mean());
        if a > b { x * 2 } else if a == b { x * 3 } else { x * 4 }
    }

    fn a_truth_tensor_is_a_condition(x: &Tensor) -> Tensor {
        let any = x.gt(1).any();
        if any { x - 1 } else { x + 1 }
    }

    fn a_number_is_a_condition(x: &Tensor) -> Tensor {
        if x.relu().sum() { x * 2 } else { x * 5 }
    }

    fn slices_are_sorted_by_value(x: &Tensor) -> Tensor {
        let mut rows: Vec<Tensor> = (0..3).map(|k| x.select(0, k)).collect();
        rows.sort_by(|a, b| number(a).total_cmp(&number(b)));
        Tensor::stack(&rows, 0)
    }

    fn an_array_of_arrays(x: &Tensor) -> Tensor {
        let mut grid = [[x.clone(), x + 1], [x * 2, x * 3]];
        for row in &mut grid {
            if row[0].sum() > 1 {
                row[1] = &row[0] + 5;
            }
        }
        &grid[0][1] + &grid[1][1]
    }

    fn a_tuple_is_taken_apart(x: &Tensor) -> Tensor {
        let (a, b) = if x.sum() > 0 { (x + 1, x + 2) } else { (x - 1, x - 2) };
        a * b
    }

    fn nested_values(x: &Tensor) -> Tensor {
        let y = if x.sum() > 0 {
            let z = if x.sum() > 1 { x * 2 } else { x * 3 };
            z + 1
        } else {
            x.clone()
        };
        if y.sum() > 4 { return y; }
        y + x
    }

    fn an_unused_branch(x: &Tensor) -> Tensor {
        if x.sum() > 0 {
            let _ = x * 2;
        }
        x + 1
    }

    fn an_empty_else(x: &Tensor) -> Tensor {
        let mut y = x + 1;
        if x.sum() > 0 {} else { y = y * 2; }
        y
    }

    fn a_deferred_value_with_a_return(x: &Tensor) -> Tensor {
        let y;
        if x.sum() > 1 {
            y = x * 2;
        } else if x.sum() < -1 {
            return x * 9;
        } else {
            y = x * 3;
        }
        y - 1
    }

    fn draws_random_numbers(x: &Tensor) -> Tensor {
        x + x.rand_like() + x.randn_like() * 0.5
    }

    fn draws_before_and_behind_a_read(x: &Tensor) -> Tensor {
        let noise = x.rand_like();
        let y = x * number(&noise);
        y + x.rand_like()
    }

    fn drops_out_as_often_as_a_value_says(x: &Tensor) -> Tensor {
        let trips = number(&x.abs().clamp(0.0, 3.0)) as usize;
        (0..trips).fold(x.clone(), |y, _| y + x.rand_like())
    }

    fn recurses_as_deep_as_a_value_says(x: &Tensor) -> Tensor {
        descend(x, number(&x.abs()) as usize)
    }

    fn calls_each_other_by_turns(x: &Tensor) -> Tensor {
        even(x, 5)
    }

    fn a_method_under_compile(x: &Tensor) -> Tensor {
        let scaled = Scaled { factor: Parameter::new(x.detach().full_like(3.0)), shift: 2.0 };
        scaled.step(&scaled.step(x))
    }

    fn a_generic_function_under_compile(x: &Tensor) -> Tensor {
        acted(&Add(1.0), x) + acted(&Gate, x) + acted(&Add(2.0), &-x)
    }

    fn updates_in_place(x: &Tensor) -> Tensor {
        let mut rows = vec![x.clone(); 3];
        for (k, row) in rows.iter_mut().enumerate() {
            *row = &*row * (k + 1);
            if row.sum() > 2 {
                *row = row.relu();
            }
        }
        rows.swap(0, 2);
        &rows[0] - &rows[1] * &rows[2]
    }

    fn two_names_for_one_tensor(x: &Tensor) -> Tensor {
        let (a, mut b) = (x.clone(), x.clone());
        let shared = Rc::new(a);
        if x.sum() > 0 {
            b = &*shared + 1;
        }
        &*shared * &b + &*Rc::clone(&shared)
    }

    fn pushes_to_a_list_behind_a_reference(x: &Tensor) -> Tensor {
        let mut list = Vec::new();
        fill(&mut list, x, 3);
        if list.len() > 2 && list[0].sum() > 0 {
            list.pop();
        }
        list.iter().fold(x.zeros_like(), |sum, t| sum + t)
    }

    fn returns_closures(x: &Tensor) -> Tensor {
        let add = |k: f64| move |t: &Tensor| t + k;
        let (one, two) = (add(1.0), add(2.0));
        if x.sum() > 0 { one(&two(x)) } else { two(x) }
    }

    fn counts_in_a_closure(x: &Tensor) -> Tensor {
        let mut calls = 0;
        let mut next = |t: &Tensor| {
            calls += 1;
            t * calls
        };
        let y = next(x);
        let y = next(&y);
        if y.sum() > 0 { next(&y) } else { y }
    }

    fn lets_else(x: &Tensor) -> Tensor {
        let list = [x * 2, x * 3];
        let [first, ..] = &list[..] else { return x.clone() };
        let Some(second) = list.get(1) else { return first.clone() };
        if first.sum() > second.sum() { first.clone() } else { second + 1 }
    }

    fn walks_with_iterators(x: &Tensor) -> Tensor {
        let parts = x.chunk(3, 0);
        let scaled = parts.iter().rev().zip(1..).map(|(part, k)| part * k);
        Tensor::cat(&scaled.collect::<Vec<_>>().iter().collect::<Vec<_>>(), 0)
    }

    fn a_hash_map_by_text(x: &Tensor) -> Tensor {
        let mut map: HashMap<String, Tensor> = HashMap::new();
        for (k, name) in ["a", "b", "c"].into_iter().enumerate() {
            map.insert(name.to_owned(), x + k);
        }
        if x.sum() > 1 {
            map.insert("b".to_owned(), x * 7);
        }
        &map["a"] + &map["b"] * &map["c"]
    }

    fn nothing_is_reduced(x: &Tensor) -> Tensor {
        let none = x.narrow(0, 1, 0).reshape([0, 1]);
        let sums = none.sum_dim(0, true) + none.expand([0, 1]).sum();
        x + sums.reshape([1]) + none.numel()
    }

    fn two_conditions_of_a_while(x: &Tensor) -> Tensor {
        let (mut y, mut rounds) = (x.abs() + 0.5, 0);
        while y.sum() < 30 && rounds < 3 {
            y = y * 2;
            rounds += 1;
        }
        y + rounds
    }

    fn looks_at_a_value_in_one_branch(x: &Tensor) -> Tensor {
        if x.sum() > 0 {
            x * number(x)
        } else {
            x - 1
        }
    }

    fn a_compiled_function_inside_of_a_loop_on_a_tensor(x: &Tensor) -> Tensor {
        let mut y = x.abs() + 1;
        for _ in 0..4 {
            if y.sum() > 20 {
                break;
            }
            y = doubled_if_positive(&y);
        }
        y
    }

    fn compares_without_the_attribute(x: &Tensor) -> Tensor {
        plain_absolute(&plain_absolute(x).sub(1))
    }
}
