//! Beside an application's own wgpu code: its device, and a buffer of its own as a tensor, without a copy.
//!
//! ```text
//! cargo run --example own_device
//! ```

use ferrodyne::prelude::*;
use ferrodyne::wgpu;

/// Opens a device as an application would.
async fn open() -> Option<(wgpu::Device, wgpu::Queue)> {
    let instance = wgpu::Instance::default();
    let adapter = instance.request_adapter(&wgpu::RequestAdapterOptions::default()).await.ok()?;
    let limits = adapter.limits();
    let descriptor = wgpu::DeviceDescriptor { required_limits: limits, ..Default::default() };
    adapter.request_device(&descriptor).await.ok()
}

fn main() -> ferrodyne::Result<()> {
    let Some((device, queue)) = pollster::block_on(open()) else {
        println!("there is no adapter, so that there is nothing to show");
        return Ok(());
    };
    let usage =
        wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
    let size = 64;
    let own = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size,
        usage,
        mapped_at_creation: false,
    });
    let values: Vec<f32> = (0..16).map(|k| k as f32).collect();
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    queue.write_buffer(&own, 0, &bytes);

    let device = Device::from_wgpu(device, queue);
    let x = Tensor::from_wgpu(&own, 0, [4, 4], DType::F32, &device)?;
    let softmax = compile(|x: &Tensor| x.softmax(-1));
    let y = softmax.call(&x)?;
    println!("on {device}:\n{y}");
    let sums = y.sum_dim(-1, false).to_vec::<f32>()?;
    assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-5));

    let (buffer, offset, length) = y.wgpu_buffer()?;
    println!(
        "the result lies in a buffer of {} bytes, at {offset}, {length} bytes long",
        buffer.size()
    );
    assert!(length >= size);
    Ok(())
}
