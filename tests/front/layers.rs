//! Layers against direct computations.

use ferrodyne::prelude::*;

use crate::tensor::{close, devices, sample};

#[test]
fn convolutions_and_norms_stack() {
    for device in devices() {
        let mut net = Sequential::new()
            .add(Conv2d::new(3, 8, [3, 3], &device).stride([2, 2]).padding([1, 1]).without_bias())
            .add(BatchNorm2d::new(8, &device))
            .add(Relu::new())
            .add(MaxPool2d::new([2, 2]))
            .add(AdaptiveAvgPool2d::new([1, 1]))
            .add(Flatten::new())
            .add(Linear::new(8, 5, &device));
        let x = sample(&[2, 3, 8, 8], &device);
        let want = net.forward(&x);
        assert_eq!(want.shape(), [2, 5]);
        close(&compile(&net).call(&x).unwrap(), &want.to_vec::<f32>().unwrap(), "compiled");
        net.train();
        let before = net.state_dict().get("1.running_mean").unwrap().to_vec::<f32>().unwrap();
        net.forward(&x);
        let after = net.state_dict().get("1.running_mean").unwrap().to_vec::<f32>().unwrap();
        assert_ne!(before, after);
    }
}

#[test]
fn attention_with_one_head_is_attention() {
    for device in devices() {
        let layer = MultiheadAttention::new(4, 1, &device);
        let x = sample(&[2, 3, 4], &device);
        let project =
            |part: usize| x.linear(&layer.in_proj_weight.tensor().narrow(0, part * 4, 4), None);
        let seen =
            project(0).scaled_dot_product_attention(&project(1), &project(2), None, false, None);
        let want = layer.out_proj.forward(&seen).to_vec::<f32>().unwrap();
        close(&layer.forward(&x, &x, &x, None), &want, "one head");
        let two = MultiheadAttention::new(4, 2, &device);
        let want = two.forward(&x, &x, &x, None).to_vec::<f32>().unwrap();
        close(&compile(&two).call((&x, &x, &x, None)).unwrap(), &want, "compiled");
    }
}

#[test]
fn initial_weights_are_within_their_bounds() {
    let device = Device::cpu();
    let linear = Linear::new(16, 64, &device);
    let weight = linear.weight.tensor().to_vec::<f32>().unwrap();
    assert!(weight.iter().all(|w| w.abs() <= 0.25));
    assert!(weight.iter().any(|w| w.abs() > 0.2));
    device.manual_seed(5);
    let first = Embedding::new(4, 3, &device).weight.tensor().to_vec::<f32>().unwrap();
    device.manual_seed(5);
    assert_eq!(Embedding::new(4, 3, &device).weight.tensor().to_vec::<f32>().unwrap(), first);
}

#[test]
fn embeddings_are_looked_up() {
    for device in devices() {
        let table = Embedding::new(4, 3, &device);
        let rows = table.weight.tensor().to_vec::<f32>().unwrap();
        let classes = Tensor::from_vec(vec![3i64, 0], [2, 1], &device);
        let y = table.forward(&classes);
        assert_eq!(y.shape(), [2, 1, 3]);
        close(&y, &[&rows[9..], &rows[..3]].concat(), "embedding");
    }
}
