//! Results of every kind, the same compiled as eagerly.

use std::collections::{BTreeMap, HashMap};

use ferrodyne::prelude::*;
use ferrodyne::{Error, Result};

use super::values;
use crate::tensor::{close, sample};

#[derive(Ret, Debug)]
enum Output {
    Loss(BTreeMap<String, Tensor>),
    Predict { scores: Tensor, labels: Tensor },
    Nothing,
}

#[derive(Module)]
struct Detector {
    head: Linear,
}

#[module]
impl Detector {
    fn forward(&self, images: &Tensor, labels: &Tensor, mode: &str) -> Output {
        let scores = self.head.forward(images);
        if mode == "loss" {
            Output::Loss(BTreeMap::from([("loss".to_owned(), scores.cross_entropy(labels))]))
        } else if mode == "predict" {
            Output::Predict { labels: scores.argmax(1, false), scores: scores.softmax(1) }
        } else {
            Output::Nothing
        }
    }
}

#[test]
fn a_mode_among_the_arguments_chooses_the_result() {
    let device = Device::cpu();
    let detector = Detector { head: Linear::new(4, 3, &device) };
    let model = compile(&detector);
    let images = sample(&[2, 4], &device);
    let labels = Tensor::from_vec(vec![0i64, 2], [2], &device);
    for mode in ["loss", "predict", "other", "loss", "predict"] {
        let want = detector.forward(&images, &labels, mode);
        match (model.call((&images, &labels, mode)).unwrap(), want) {
            (Output::Loss(got), Output::Loss(want)) => {
                assert_eq!(got.len(), 1);
                close(&got["loss"], &values(&want["loss"]), "loss");
            }
            (Output::Predict { scores, labels }, Output::Predict { scores: s, labels: l }) => {
                close(&scores, &values(&s), "scores");
                assert_eq!(labels.to_vec::<i64>().unwrap(), l.to_vec::<i64>().unwrap());
            }
            (Output::Nothing, Output::Nothing) => {}
            (got, want) => panic!("{got:?} instead of {want:?}"),
        }
    }
    let stats = model.stats();
    assert_eq!(stats.compilations, 3, "{:?}", stats.reasons);
    assert_eq!(stats.reasons[0], "`mode` was \"loss\", and is \"predict\"");
    let outputs = &model.programs()[0].graph;
    assert!(outputs.contains("loss"), "results are named: {outputs}");
}

#[derive(Ret)]
struct Stats {
    mean: Tensor,
    spread: Option<Tensor>,
    count: usize,
}

/// A fault of the user's own.
#[derive(Debug)]
struct Refused(String);

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused(error.to_string())
    }
}

type Everything =
    (Stats, Vec<Tensor>, HashMap<&'static str, Tensor>, [Tensor; 2], Box<Tensor>, Option<Tensor>);

fn everything(x: &Tensor, spread: bool) -> Everything {
    let mean = x.mean();
    let stats =
        Stats { mean: mean.clone(), spread: spread.then(|| x.std((), 0, false)), count: x.rank() };
    let parts = x.unbind(0);
    let map = HashMap::from([("twice", x * 2), ("half", x / 2)]);
    (stats, parts, map, [x + 1, x - 1], Box::new(x * x), (!spread).then_some(mean))
}

#[test]
fn several_results_of_every_kind_come_back_in_their_places() {
    let x = sample(&[3, 2], &Device::cpu());
    let f = compile(everything);
    for spread in [true, false, true] {
        let (got, want) = (f.call((&x, spread)).unwrap(), everything(&x, spread));
        close(&got.0.mean, &values(&want.0.mean), "mean");
        assert_eq!(got.0.spread.is_some(), spread);
        if let (Some(got), Some(want)) = (&got.0.spread, &want.0.spread) {
            close(got, &values(want), "spread");
        }
        assert_eq!(got.0.count, 2);
        assert_eq!(got.1.len(), 3);
        got.1.iter().zip(&want.1).for_each(|(got, want)| close(got, &values(want), "part"));
        ["twice", "half"].iter().for_each(|key| close(&got.2[key], &values(&want.2[key]), key));
        got.3.iter().zip(&want.3).for_each(|(got, want)| close(got, &values(want), "array"));
        close(&got.4, &values(&want.4), "box");
        assert_eq!(got.5.is_some(), !spread);
    }
    assert_eq!(f.stats().compilations, 2);
}

#[compile]
fn checked(x: &Tensor, limit: usize) -> std::result::Result<Stats, Refused> {
    if x.rank() > limit {
        return Err(Refused(format!("rank {} is above {limit}", x.rank())));
    }
    Ok(Stats { mean: x.try_mean()?, spread: None, count: limit })
}

#[test]
fn errors_of_ones_own_come_back_too() {
    let x = sample(&[3, 2], &Device::cpu());
    for _ in 0..2 {
        assert_eq!(checked(&x, 1).err().expect("the rank is 2").0, "rank 2 is above 1");
        assert_eq!(checked(&x, 2).expect("the rank is 2").count, 2);
    }
}

#[test]
fn a_part_that_is_an_error_leaves_the_others_as_they_are() {
    let x = sample(&[2], &Device::cpu());
    let f = compile(|x: &Tensor, y: &Tensor| -> (Tensor, (Tensor, Result<Tensor>), [Tensor; 1]) {
        (x * 2, (x * 3, x.try_add(y)), [x * 4])
    });
    let wrong = sample(&[3], &Device::cpu());
    for y in [&x, &wrong, &x] {
        let (a, (b, sum), [c]) = f.call((&x, y)).unwrap();
        for (got, times) in [(a, 2.0), (b, 3.0), (c, 4.0)] {
            close(&got, &values(&(&x * times)), "a part beside an error");
        }
        assert_eq!(sum.is_ok(), y.shape() == [2]);
    }
}
