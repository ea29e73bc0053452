//! Every function of the library on a Vulkan adapter, against f64, within the error that its file states.

use std::num::NonZeroU64;

use ferrodyne_shaders::{Function, function, functions, text};

/// The points of a domain's axis that are tried.
const POINTS: usize = 4096;

struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
}

/// The adapter, or a printed skip.
fn gpu() -> Option<Gpu> {
    let descriptor = wgpu::InstanceDescriptor {
        backends: wgpu::Backends::VULKAN,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    };
    let instance = wgpu::Instance::new(descriptor);
    let adapter =
        pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()));
    let Ok(adapter) = adapter else {
        println!("skipped: there is no Vulkan adapter");
        return None;
    };
    let made = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default()));
    let (device, queue) = made.expect("an adapter gives a device with the default limits");
    Some(Gpu { device, queue })
}

impl Gpu {
    /// The words that a function of words gives for each tuple of words.
    fn run(&self, name: &str, call: &str, arity: usize, inputs: &[u32]) -> Vec<u32> {
        let source = format!(
            "@group(0) @binding(0) var<storage, read> x: array<u32>;\n\
             @group(0) @binding(1) var<storage, read_write> o: array<u32>;\n{}\n\
             @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {{\n\
             let i = id.x; if (i < arrayLength(&o)) {{ o[i] = {call}; }}\n}}\n",
            text([name])
        );
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(name),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(name),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let count = inputs.len() / arity;
        let storage = wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_DST
            | wgpu::BufferUsages::COPY_SRC;
        let x = self.buffer(inputs.len() * 4, storage);
        self.queue.write_buffer(&x, 0, bytemuck::cast_slice(inputs));
        let o = self.buffer(count * 4, storage);
        let back =
            self.buffer(count * 4, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
        let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: x.as_entire_binding() },
                wgpu::BindGroupEntry { binding: 1, resource: o.as_entire_binding() },
            ],
        });
        let mut encoder =
            self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&pipeline);
            pass.set_bind_group(0, &group, &[]);
            pass.dispatch_workgroups(count.div_ceil(64) as u32, 1, 1);
        }
        encoder.copy_buffer_to_buffer(&o, 0, &back, 0, (count * 4) as u64);
        self.queue.submit([encoder.finish()]);
        back.slice(..)
            .map_async(wgpu::MapMode::Read, |mapped| mapped.expect("the results can be mapped"));
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("the device finishes");
        let bytes = back.slice(..).get_mapped_range().expect("the results are mapped");
        bytemuck::pod_collect_to_vec(&bytes)
    }

    fn buffer(&self, bytes: usize, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let size = NonZeroU64::new(bytes as u64).map_or(4, NonZeroU64::get);
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size,
            usage,
            mapped_at_creation: false,
        })
    }
}

/// The types of the arguments and of the result.
fn types(function: &Function) -> (Vec<&'static str>, &'static str) {
    let (arguments, result) =
        function.signature.split_once(" -> ").expect("a signature has a result");
    let arguments = arguments.trim_start_matches('(').trim_end_matches(')').split(", ").collect();
    (arguments, result)
}

/// Words of a value of this type, as the functions take it.
fn words(ty: &str) -> usize {
    if ty == "vec2u" { 2 } else { 1 }
}

/// The words that all arguments take.
fn arity(function: &Function) -> usize {
    types(function).0.into_iter().map(words).sum()
}

/// The call on words `x[..]`, with one word of its result.
fn call(function: &Function, part: usize) -> String {
    let (arguments, result) = types(function);
    let arity = arity(function);
    let mut at = 0;
    let arguments = arguments.iter().map(|ty| {
        let word = |at: usize| format!("x[i * {arity}u + {at}u]");
        let first = at;
        at += words(ty);
        match words(ty) {
            2 => format!("vec2u({}, {})", word(first), word(first + 1)),
            _ => format!("bitcast<{ty}>({})", word(first)),
        }
    });
    let value = format!("{}({})", function.name, arguments.collect::<Vec<_>>().join(", "));
    match result {
        "bool" => format!("u32({value})"),
        "vec2f" => format!("bitcast<u32>({value}.y)"),
        "vec2u" => format!("{value}[{part}]"),
        _ => format!("bitcast<u32>({value})"),
    }
}

struct Bound {
    relative: f64,
    absolute: f64,
    domain: Vec<(f64, f64)>,
}

/// `relative 3e-6 absolute 1e-7 on -20..20, 0..1`.
fn bound(function: &Function) -> Option<Bound> {
    let (errors, domain) = function.error.split_once(" on ")?;
    let words: Vec<&str> = errors.split_whitespace().collect();
    let number = |at: usize| words[at].parse().expect("a bound is a number");
    let range = |text: &str| {
        let (from, to) = text.trim().split_once("..").expect("a domain is a range");
        (from.parse().expect("a number"), to.parse().expect("a number"))
    };
    Some(Bound {
        relative: number(1),
        absolute: number(3),
        domain: domain.split(',').map(range).collect(),
    })
}

/// Tuples over the domain: dense, and denser towards zero.
fn points(domain: &[(f64, f64)]) -> Vec<Vec<f32>> {
    let mut state = 1u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1u64 << 31) as f64
    };
    let mut points = Vec::new();
    for number in 0..POINTS {
        let point = domain.iter().map(|(from, to)| {
            let x = from + (to - from) * next();
            let small = if number % 2 == 0 { 1.0 } else { 10f64.powf(-6.0 * next()) };
            let shrunk = x * small;
            (if shrunk >= *from && shrunk <= *to { shrunk } else { x }) as f32
        });
        points.push(point.collect());
    }
    points
}

/// The function in f64.
fn exact(name: &str, x: &[f64]) -> f64 {
    match name {
        "fd_expm1" => x[0].exp_m1(),
        "fd_log1p" => x[0].ln_1p(),
        "fd_tanh" => x[0].tanh(),
        "fd_erf" => erf(x[0]),
        "fd_pow" => x[0].powf(x[1]),
        "fd_atan2" => x[0].atan2(x[1]),
        "fd_rem" => x[0] % x[1],
        _ => panic!("`{name}` states an error but has no reference here"),
    }
}

fn erf(x: f64) -> f64 {
    let root = std::f64::consts::PI.sqrt();
    if x.abs() > 2.5 {
        // The continued fraction of the complement, from its 80th term upwards.
        let z = x.abs();
        let fraction = (1..=80).rev().fold(z, |tail, n| z + f64::from(n) / 2.0 / tail);
        return x.signum() * (1.0 - (-z * z).exp() / (fraction * root));
    }
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    while term.abs() > 1e-18 * sum.abs() && n < 500.0 {
        n += 1.0;
        term *= -x * x / n;
        sum += term / (2.0 * n + 1.0);
    }
    sum * 2.0 / root
}

#[test]
fn inexact_functions_stay_within_their_stated_error() {
    let Some(gpu) = gpu() else { return };
    for function in functions() {
        let Some(bound) = bound(&function) else { continue };
        let points = points(&bound.domain);
        let words: Vec<u32> = points.iter().flatten().map(|x| x.to_bits()).collect();
        let results = gpu.run(function.name, &call(&function, 0), bound.domain.len(), &words);
        for (point, word) in points.iter().zip(results) {
            let got = f64::from(f32::from_bits(word));
            let wide: Vec<f64> = point.iter().map(|x| f64::from(*x)).collect();
            let want = exact(function.name, &wide);
            let error = (got - want).abs();
            let allowed = bound.absolute + bound.relative * want.abs();
            assert!(
                error <= allowed,
                "{}{point:?} is {want:e} but gives {got:e}: off by {error:e}",
                function.name
            );
        }
    }
}

/// Words with all the trouble of their types: zeros, ends of ranges, infinities, NaN.
const WORDS: &[u32] = &[
    0,
    1,
    2,
    3,
    7,
    31,
    100,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0xffff_fffe,
    0xffff_fff9,
    0x3f80_0000,
    0xbf80_0000,
    0x4000_0000,
    0xc0a0_0000,
    0x7f80_0000,
    0xff80_0000,
    0x7fc0_0000,
    0x477f_e000,
    0x477f_f000,
    0x4f00_0000,
    0xcf00_0000,
    0x4f80_0000,
    0x3f80_1000,
    0x3f80_3000,
    0x3880_0000,
    0x387f_ffff,
    0x3380_0000,
    0x3f80_8000,
    0x3f81_8000,
];

fn is_nan(word: u32) -> bool {
    f32::from_bits(word).is_nan()
}

/// 64-bit numbers with all their trouble: ends of ranges, carries, ties of rounding; and some by chance, of all lengths.
fn longs() -> Vec<i64> {
    let mut longs = vec![0, 1, -1, i64::MIN, i64::MAX, i64::MIN + 1, 6_364_136_223_846_793_005];
    for bit in [8, 15, 16, 23, 24, 25, 31, 32, 33, 40, 47, 48, 53, 62] {
        let power = 1i64 << bit;
        longs.extend([power, power - 1, power + 1, -power, -power - 1, power + (power >> 24)]);
        longs.extend([power + (power >> 24) + 1, power + 3 * (power >> 24), i64::MAX - power]);
    }
    let mut state = 1u64;
    for number in 0..100 {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        longs.push((state ^ (state >> 29)) as i64 >> (number % 64));
    }
    longs
}

fn low_and_high(x: i64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

/// What an exact function of 64-bit integers gives, as words.
fn long(name: &str, x: &[u32]) -> Option<Vec<u32>> {
    let l = |at: usize| i64::from(x[2 * at]) | i64::from(x[2 * at + 1].cast_signed()) << 32;
    let unsigned = |at: usize| l(at).cast_unsigned();
    let value = match name {
        "fd_long_add" => l(0).wrapping_add(l(1)),
        "fd_long_sub" => l(0).wrapping_sub(l(1)),
        "fd_long_mul" => l(0).wrapping_mul(l(1)),
        "fd_long_div" if l(1) == 0 => l(0),
        "fd_long_div" => l(0).wrapping_div(l(1)),
        "fd_long_rem" if l(1) == 0 => 0,
        "fd_long_rem" => l(0).wrapping_rem(l(1)),
        "fd_long_quotient" => unsigned(0).checked_div(unsigned(1))?.cast_signed(),
        "fd_long_min" => l(0).min(l(1)),
        "fd_long_max" => l(0).max(l(1)),
        "fd_long_neg" => l(0).wrapping_neg(),
        "fd_long_abs" => l(0).wrapping_abs(),
        "fd_long_sign" => l(0).signum(),
        "fd_long_shl" => l(0).wrapping_shl(x[2]),
        "fd_long_shr" => l(0).wrapping_shr(x[2]),
        "fd_f32_to_long" => f32::from_bits(x[0]) as i64,
        "fd_i32_to_long" => x[0].cast_signed().into(),
        "fd_u32_to_long" => x[0].into(),
        "fd_long_to_f32" => return Some(vec![(l(0) as f32).to_bits()]),
        "fd_long_to_bool" => return Some(vec![u32::from(l(0) != 0)]),
        "fd_long_eq" => return Some(vec![u32::from(l(0) == l(1))]),
        "fd_long_lt" => return Some(vec![u32::from(l(0) < l(1))]),
        "fd_first_max_long" => return Some(vec![u32::from(first(x, |a, b| a > b))]),
        "fd_first_min_long" => return Some(vec![u32::from(first(x, |a, b| a < b))]),
        _ => return None,
    };
    Some(low_and_high(value).to_vec())
}

/// Whether a value and its index come before the best so far.
fn first(x: &[u32], better: fn(i64, i64) -> bool) -> bool {
    let l = |at: usize| i64::from(x[at]) | i64::from(x[at + 1].cast_signed()) << 32;
    better(l(0), l(3)) || (l(0) == l(3) && x[2] < x[5])
}

/// Values that are tried for an argument.
fn tried(ty: &str, at: usize) -> Vec<Vec<u32>> {
    match ty {
        "vec2u" => longs().into_iter().map(|x| low_and_high(x).to_vec()).collect(),
        // Of four arguments the last two take a few words only.
        _ if at < 2 => WORDS.iter().map(|&word| vec![word]).collect(),
        _ => WORDS[..4].iter().map(|&word| vec![word]).collect(),
    }
}

/// What an exact function gives, where its reference stands here.
fn word(name: &str, x: &[u32]) -> Option<u32> {
    let f = |at: usize| f32::from_bits(x[at]);
    let i = |at: usize| x[at] as i32;
    let nan_or = |value: f32, nan: bool| if nan { f32::NAN.to_bits() } else { value.to_bits() };
    Some(match name {
        "fd_is_nan" => u32::from(is_nan(x[0])),
        "fd_max" => nan_or(f(0).max(f(1)), is_nan(x[0]) || is_nan(x[1])),
        "fd_min" => nan_or(f(0).min(f(1)), is_nan(x[0]) || is_nan(x[1])),
        "fd_div_i32" => if i(1) == 0 { i(0) } else { i(0).wrapping_div(i(1)) }.cast_unsigned(),
        "fd_rem_i32" => if i(1) == 0 { 0 } else { i(0).wrapping_rem(i(1)) }.cast_unsigned(),
        "fd_div_u32" => x[0].checked_div(x[1]).unwrap_or(x[0]),
        "fd_rem_u32" => x[0].checked_rem(x[1]).unwrap_or(0),
        "fd_f32_to_i32" => (f(0) as i32).cast_unsigned(),
        "fd_f32_to_u32" => f(0) as u32,
        "fd_pow_u32" => x[0].wrapping_pow(x[1]),
        "fd_first_max_u32" => u32::from(x[0] > x[2] || (x[0] == x[2] && x[1] < x[3])),
        "fd_first_min_i32" => u32::from(i(0) < i(2) || (x[0] == x[2] && x[1] < x[3])),
        "fd_round_bf16" if !is_nan(x[0]) => {
            x[0].wrapping_add(0x7fff + ((x[0] >> 16) & 1)) & 0xffff_0000
        }
        _ => return None,
    })
}

#[test]
fn exact_functions_agree_to_the_bit() {
    let Some(gpu) = gpu() else { return };
    for function in functions().filter(|function| bound(function).is_none()) {
        let (arguments, result) = types(&function);
        let mut tuples: Vec<Vec<u32>> = vec![Vec::new()];
        for (at, ty) in arguments.iter().enumerate() {
            // A long beside indices need not meet every other one.
            let most = if arguments.len() > 2 { 40 } else { usize::MAX };
            let values: Vec<Vec<u32>> = tried(ty, at).into_iter().take(most).collect();
            tuples = tuples
                .iter()
                .flat_map(|tuple| values.iter().map(|v| [tuple.as_slice(), v].concat()))
                .collect();
        }
        let inputs: Vec<u32> = tuples.concat();
        for part in 0..words(result) {
            let call = call(&function, part);
            let results = gpu.run(function.name, &call, arity(&function), &inputs);
            for (tuple, got) in tuples.iter().zip(results) {
                let want = match long(function.name, tuple) {
                    Some(words) => Some(words[part]),
                    None => word(function.name, tuple),
                };
                let Some(want) = want else { continue };
                let zero = |word: u32| word & 0x7fff_ffff == 0;
                let both = |is: &dyn Fn(u32) -> bool| result == "f32" && is(got) && is(want);
                let same = got == want || both(&is_nan) || both(&zero);
                assert!(same, "{}{tuple:x?} is {want:x} but gives {got:x}", function.name);
            }
        }
    }
}

#[test]
fn every_file_stands_alone_and_says_what_it_is() {
    for own in functions() {
        assert!(
            !own.signature.is_empty() && !own.error.is_empty() && !own.from.is_empty(),
            "{}",
            own.name
        );
        assert!(own.text.starts_with(&format!("fn {}(", own.name)), "{}", own.name);
        let source = text([own.name]);
        naga::front::wgsl::parse_str(&source)
            .unwrap_or_else(|error| panic!("{}", error.emit_to_string(&source)));
        assert_eq!(function(own.name).as_ref(), Some(&own));
    }
}
