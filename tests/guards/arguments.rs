//! Host values, containers and changed arguments of compiled functions.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use ferrodyne::prelude::*;

use super::{panic_of, values};
use crate::tensor::sample;

/// A type that knows nothing of ferrodyne.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Rounding {
    Up,
    Down,
}

/// A type without a text.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key(u8);

#[compile]
fn rounded(x: &Tensor, rounding: Rounding, key: &Key) -> Tensor {
    match rounding {
        Rounding::Up => x.ceil() * key.0 as f32,
        Rounding::Down => x.floor() * key.0 as f32,
    }
}

#[test]
fn any_type_with_a_hash_is_an_argument() {
    let x = Tensor::from_vec(vec![1.5f32], [1], &Device::cpu());
    for _ in 0..2 {
        assert_eq!(values(&rounded(&x, Rounding::Up, &Key(2))), [4.0]);
        assert_eq!(values(&rounded(&x, Rounding::Down, &Key(2))), [2.0]);
        assert_eq!(values(&rounded(&x, Rounding::Down, &Key(3))), [3.0]);
    }
}

#[derive(Clone, Arg)]
enum Query {
    Nothing,
    Scaled { by: f32, data: Tensor },
    Pair(Tensor, Tensor),
}

fn answer(query: &Query, device: &Device) -> Tensor {
    match query {
        Query::Nothing => Tensor::zeros([1], device),
        Query::Scaled { by, data } => data * *by,
        Query::Pair(a, b) => a - b,
    }
}

#[test]
fn enums_with_tensors_are_arguments() {
    let device = Device::cpu();
    let (a, b) = (sample(&[3], &device), sample(&[3], &device) * 2.0);
    let f = compile(|x: &Tensor, query: Query| answer(&query, x.device()).sum() + x.sum());
    let queries = [
        Query::Nothing,
        Query::Pair(a.clone(), b.clone()),
        Query::Pair(b.clone(), a.clone()),
        Query::Scaled { by: 2.0, data: a.clone() },
        Query::Scaled { by: 3.0, data: a.clone() },
        Query::Nothing,
    ];
    for query in queries {
        let want = values(&(answer(&query, &device).sum() + a.sum()));
        assert_eq!(values(&f.call((&a, query)).unwrap()), want);
    }
    assert_eq!(f.stats().compilations, 4, "{:?}", f.stats().reasons);
}

#[test]
fn every_kind_of_host_value_is_part_of_the_program() {
    let x = Tensor::ones([1], &Device::cpu());
    macro_rules! flips {
        ($($ty:ty: $a:expr, $b:expr => $number:expr;)*) => {$({
            let number: fn(&$ty) -> f32 = $number;
            let f = compile(move |x: &Tensor, v: $ty| x * number(&v));
            for value in [$a, $b, $a] {
                let want = number(&value);
                let got = f.call((&x, value)).unwrap();
                assert_eq!(values(&got), [want], stringify!($ty));
            }
            let stats = f.stats();
            assert_eq!(stats.compilations, 2, "{}: {:?}", stringify!($ty), stats.reasons);
            assert!(stats.reasons[0].contains("x1"), "{}: {:?}", stringify!($ty), stats.reasons);
        })*};
    }
    flips! {
        bool: true, false => |v| f32::from(u8::from(*v));
        u8: 1, 2 => |v| f32::from(*v);
        i64: -1, 2 => |v| *v as f32;
        usize: 1, 2 => |v| *v as f32;
        f32: 0.0, 2.5 => |v| *v;
        f64: 1.0, 2.5 => |v| *v as f32;
        char: 'a', 'b' => |v| *v as u32 as f32;
        String: "a".to_owned(), "long".to_owned() => |v| v.len() as f32;
        &'static str: "a", "long" => |v| v.len() as f32;
        Option<u8>: None, Some(3) => |v| v.map_or(7.0, f32::from);
        Vec<u8>: vec![1], vec![1, 2] => |v| v.len() as f32;
        [u8; 2]: [1, 2], [1, 3] => |v| f32::from(v[1]);
        (u8, bool): (1, true), (1, false) => |v| f32::from(u8::from(v.1));
        BTreeMap<String, u8>: BTreeMap::from([("a".to_owned(), 1)]), BTreeMap::from([("b".to_owned(), 1)])
            => |v| if v.contains_key("a") { 1.0 } else { 2.0 };
        HashMap<u8, u8>: HashMap::from([(1, 5)]), HashMap::from([(1, 6)]) => |v| f32::from(v[&1]);
        Box<i32>: Box::new(1), Box::new(2) => |v| **v as f32;
        Arc<i32>: Arc::new(1), Arc::new(2) => |v| **v as f32;
        Host<Rounding>: Host(Rounding::Up), Host(Rounding::Down)
            => |v| if v.0 == Rounding::Up { 1.0 } else { 2.0 };
    }
}

#[test]
fn zeros_of_both_signs_are_two_values() {
    let x = Tensor::ones([1], &Device::cpu());
    let f = compile(|x: &Tensor, v: f32| x / v);
    assert_eq!(values(&f.call((&x, 0.0)).unwrap()), [f32::INFINITY]);
    assert_eq!(values(&f.call((&x, -0.0)).unwrap()), [f32::NEG_INFINITY]);
}

#[derive(Clone, Arg)]
struct Batch {
    data: Tensor,
    mode: String,
}

fn total(batch: &Batch, names: &[String], y: &Tensor) -> Tensor {
    batch.data.sum_dim(1, false) * (batch.mode.len() + names.len()) + y.sum()
}

#[test]
fn a_miss_names_the_argument_the_way_into_it_and_both_values() {
    let device = Device::cpu();
    let f = compile(|batch: Batch, names: Vec<String>, y: &Tensor| total(&batch, &names, y))
        .arguments(&["batch", "names", "y"]);
    let y = sample(&[2], &device);
    let call = |rows: usize, mode: &str, names: &[&str], y: &Tensor| {
        let batch = Batch { data: sample(&[rows, 2], &device), mode: mode.to_owned() };
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let want = values(&total(&batch, &names, y));
        assert_eq!(values(&f.call((batch, names, y)).unwrap()), want);
    };
    call(2, "a", &[], &y);
    call(3, "a", &[], &y);
    call(3, "ab", &[], &y);
    call(3, "ab", &["x"], &y);
    call(3, "ab", &["z"], &y);
    call(3, "ab", &["z"], &sample(&[1, 2], &device));
    assert_eq!(
        f.stats().reasons,
        [
            "batch.data's dim 0 was 2, and is 3",
            "`batch.mode` was \"a\", and is \"ab\"",
            "`names` was of length 0, and is of length 1",
            "`names[0]` was \"x\", and is \"z\"",
            "`y` was f32 of rank 1, and is f32 of rank 2",
        ]
    );
}

#[compile(dynamic(batch.data[0] = "rows" in 1..=8, others[1][0] = static))]
fn declared(others: &[Tensor], batch: Batch) -> Tensor {
    total(&batch, &[], &others[0])
}

#[test]
fn parts_of_arguments_can_be_declared() {
    let device = Device::cpu();
    let batch = |rows| Batch { data: sample(&[rows, 2], &device), mode: "m".to_owned() };
    let others = [sample(&[2], &device), sample(&[3], &device)];
    for rows in [1, 8] {
        let want = values(&total(&batch(rows), &[], &others[0]));
        assert_eq!(values(&declared(&others, batch(rows))), want);
    }
    let text = panic_of(|| declared(&others, batch(9)));
    let want = "`declared`: batch.data's dim 0, `rows`, must be in 1..=8, and is 9 (tests/guards/arguments.rs:";
    assert!(text.starts_with(want), "{text}");
}

#[test]
fn aliased_arguments_are_the_values_that_they_are() {
    let device = Device::cpu();
    let f = compile(|x: &Tensor, y: &Tensor| x * 2 + y);
    let (x, y) = (sample(&[3], &device), sample(&[3], &device) * 3.0);
    for (a, b) in [(&x, &x), (&x, &y), (&y, &y), (&x, &x)] {
        assert_eq!(values(&f.call((a, b)).unwrap()), values(&(a * 2 + b)));
    }
    assert_eq!(f.stats().compilations, 1, "two arguments are no one argument");
}

#[compile]
fn descend(weight: &mut Tensor, gradient: &Tensor, rates: &mut Vec<Tensor>) -> usize {
    for rate in rates.iter_mut() {
        *weight = &*weight - gradient * &*rate;
        *rate = &*rate * 0.5;
    }
    rates.len()
}

#[compile]
fn failing(weight: &mut Tensor, by: &Tensor) -> ferrodyne::Result<()> {
    *weight = weight.try_add(by)?;
    Ok(())
}

#[test]
fn arguments_that_are_changed_take_the_value_of_the_body() {
    let device = Device::cpu();
    let (mut compiled, gradient) = (sample(&[3], &device), sample(&[3], &device) + 1.0);
    let first = compiled.clone();
    let mut rates = vec![Tensor::scalar(0.5f32, &device)];
    for _ in 0..3 {
        assert_eq!(descend(&mut compiled, &gradient, &mut rates), 1);
    }
    let want = values(&(&first - &gradient * 0.875));
    values(&compiled).iter().zip(want).for_each(|(a, b)| assert!((a - b).abs() < 1e-6));
    assert_eq!(rates[0].item::<f32>().unwrap(), 0.0625);
    failing(&mut compiled, &first).unwrap();
    assert!(failing(&mut compiled, &Tensor::zeros([7], &device)).is_err());
}

#[test]
fn the_same_tensor_given_twice_where_one_is_changed_stays_itself() {
    let device = Device::cpu();
    let mut weight = Tensor::ones([2], &device);
    let same = weight.clone();
    let mut rates = vec![Tensor::ones([2], &device), same.clone()];
    descend(&mut weight, &same, &mut rates);
    assert_eq!(values(&weight), [-1.0, -1.0]);
    assert_eq!(values(&same), [1.0, 1.0], "values never change, only what a name stands for");
}

#[test]
fn a_buffer_that_is_written_and_aliases_an_argument_leaves_the_argument_alone() {
    let device = Device::cpu();
    let count = Buffer::new(Tensor::ones([2], &device));
    let cell = count.clone();
    let f = compile(move |x: &Tensor| -> ferrodyne::Result<Tensor> {
        cell.set(&(cell.tensor() + x))?;
        Ok(cell.tensor() * 10.0 + x)
    });
    for want in [2.0, 4.0, 8.0] {
        let alias = count.tensor();
        let got = f.call(&alias).unwrap().unwrap();
        assert_eq!(values(&got), [want * 10.0 + want / 2.0; 2]);
        assert_eq!(values(&alias), [want / 2.0; 2]);
        assert_eq!(values(&count.tensor()), [want; 2]);
    }
    assert_eq!(f.stats().compilations, 1);
}

#[compile]
fn accumulate(into: &Buffer, x: &Tensor) -> ferrodyne::Result<Tensor> {
    into.set(&(into.tensor() + x))?;
    Ok(into.tensor())
}

#[test]
fn a_buffer_is_an_argument_and_which_one_is_guarded() {
    let device = Device::cpu();
    let (a, b) =
        (Buffer::new(Tensor::zeros([1], &device)), Buffer::new(Tensor::zeros([1], &device)));
    let x = Tensor::ones([1], &device);
    for (buffer, want) in [(&a, 1.0), (&b, 1.0), (&a, 2.0), (&a, 3.0), (&b, 2.0)] {
        assert_eq!(values(&accumulate(buffer, &x).unwrap()), [want]);
        assert_eq!(values(&buffer.tensor()), [want]);
    }
}

#[test]
fn types_ranks_and_devices_are_guarded() {
    let device = Device::cpu();
    let f = compile(|x: &Tensor| x + x);
    f.call(&Tensor::zeros([2, 2], &device)).unwrap();
    f.call(&Tensor::zeros([4], &device)).unwrap();
    let ints = f.call(&Tensor::from_vec(vec![3i32], [1], &device)).unwrap();
    assert_eq!((ints.dtype(), ints.to_vec::<i32>().unwrap()), (DType::I32, vec![6]));
    let reasons = f.stats().reasons;
    assert_eq!(reasons[0], "`x0` was f32 of rank 2, and is f32 of rank 1");
    assert!(reasons[1].ends_with("and is i32 of rank 1"), "{reasons:?}");
    for other in crate::tensor::devices().into_iter().filter(|other| *other != device) {
        let sum = f.call(&Tensor::ones([2, 2], &other)).unwrap();
        assert_eq!(*sum.device(), other);
        assert_eq!(f.stats().reasons.last().unwrap(), "the tensors lie on another device");
    }
}
