//! Awkward functions, compiled and eager, called several times in an order that mixes their inputs.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use ferrodyne::Result;
use ferrodyne::prelude::*;

use crate::tensor::close;

/// Each function is defined twice, eagerly and compiled with the default backend, and called with the same inputs.
macro_rules! corpus {
    ($($(#[$meta:meta])* fn $name:ident($x:ident: &Tensor) -> Tensor $body:block)*) => {$(
        $(#[$meta])*
        #[test]
        fn $name() {
            #[compile]
            fn compiled($x: &Tensor) -> Tensor $body
            #[compile(backend = "eager")]
            fn eager($x: &Tensor) -> Tensor $body
            for start in [2.0, -3.0, 0.5, 2.0, -1.0] {
                let x = Tensor::from_vec(vec![start, 0.5, -0.25], [3], &Device::cpu());
                close(&compiled(&x), &eager(&x).to_vec::<f32>().unwrap(), &format!("at {start}"));
            }
        }
    )*};
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

struct Add(f64);
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
}
