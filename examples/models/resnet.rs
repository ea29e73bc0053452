//! ResNet-18 (He et al., 2015) with torchvision's names, so that its state dict loads.

use ferrodyne::prelude::*;

/// Two convolutions beside a shortcut.
#[derive(Module)]
pub struct BasicBlock {
    conv1: Conv2d,
    bn1: BatchNorm2d,
    conv2: Conv2d,
    bn2: BatchNorm2d,
    downsample: Option<Sequential>,
}

impl BasicBlock {
    fn new(from: usize, to: usize, stride: usize, device: &Device) -> BasicBlock {
        let shortcut = || {
            let conv =
                Conv2d::new(from, to, [1, 1], device).stride([stride, stride]).without_bias();
            Sequential::new().add(conv).add(BatchNorm2d::new(to, device))
        };
        BasicBlock {
            conv1: Conv2d::new(from, to, [3, 3], device)
                .stride([stride, stride])
                .padding([1, 1])
                .without_bias(),
            bn1: BatchNorm2d::new(to, device),
            conv2: Conv2d::new(to, to, [3, 3], device).padding([1, 1]).without_bias(),
            bn2: BatchNorm2d::new(to, device),
            downsample: (stride != 1 || from != to).then(shortcut),
        }
    }
}

#[module]
impl BasicBlock {
    /// The block's result.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.bn1.forward(&self.conv1.forward(x)).relu();
        let y = self.bn2.forward(&self.conv2.forward(&y));
        let shortcut = self.downsample.as_ref().map_or_else(|| x.clone(), |d| d.forward(x));
        (y + shortcut).relu()
    }
}

/// An image classifier.
#[derive(Module)]
pub struct ResNet {
    conv1: Conv2d,
    bn1: BatchNorm2d,
    maxpool: MaxPool2d,
    layer1: Vec<BasicBlock>,
    layer2: Vec<BasicBlock>,
    layer3: Vec<BasicBlock>,
    layer4: Vec<BasicBlock>,
    avgpool: AdaptiveAvgPool2d,
    fc: Linear,
}

impl ResNet {
    /// ResNet-18 for so many classes.
    pub fn resnet18(classes: usize, device: &Device) -> ResNet {
        let layer = |from: usize, to: usize, stride: usize| {
            vec![BasicBlock::new(from, to, stride, device), BasicBlock::new(to, to, 1, device)]
        };
        ResNet {
            conv1: Conv2d::new(3, 64, [7, 7], device).stride([2, 2]).padding([3, 3]).without_bias(),
            bn1: BatchNorm2d::new(64, device),
            maxpool: MaxPool2d::new([3, 3]).stride([2, 2]).padding([1, 1]),
            layer1: layer(64, 64, 1),
            layer2: layer(64, 128, 2),
            layer3: layer(128, 256, 2),
            layer4: layer(256, 512, 2),
            avgpool: AdaptiveAvgPool2d::new([1, 1]),
            fc: Linear::new(512, classes, device),
        }
    }
}

#[module]
impl ResNet {
    /// Scores of the classes for images `[N, 3, H, W]`.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut x = self.maxpool.forward(&self.bn1.forward(&self.conv1.forward(x)).relu());
        for block in [&self.layer1, &self.layer2, &self.layer3, &self.layer4].into_iter().flatten()
        {
            x = block.forward(&x);
        }
        self.fc.forward(&self.avgpool.forward(&x).flatten(1, -1))
    }
}
