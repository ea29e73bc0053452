//! Values between host and device, and between element types.

use std::future::Future;

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_compiler::ops::element as numbers;
use ferrodyne_plan::{DType, HostTensor, Source};
use ferrodyne_runtime::transfer;
use ndarray::{Array, ArrayD, Dimension, IxDyn};

use super::pair::{example, pairs};
use super::{Element, Stored, Tensor, apply};
use crate::device::Device;
use crate::error::{Error, Result};

impl Tensor {
    /// Puts a tensor of the host on a device.
    ///
    /// # Errors
    /// Values or element types that the device cannot hold, by name; out of memory.
    pub fn from_host(host: &HostTensor, device: &Device) -> Result<Tensor> {
        Tensor::named_from_host("tensor", host, device)
    }

    /// As [`Tensor::from_host`], with the tensor's name for faults.
    pub(crate) fn named_from_host(
        name: &str,
        host: &HostTensor,
        device: &Device,
    ) -> Result<Tensor> {
        let bytes = transfer::to_device(name, host)?;
        let buffer = device.backend().upload(&bytes)?;
        Ok(Tensor::stored(Stored::new(device, buffer, host.dtype, host.dims.clone())))
    }

    /// The values on the host.
    ///
    /// # Errors
    /// While a function is captured, since values are not known then; a device that was lost.
    #[track_caller]
    pub fn to_host(&self) -> Result<HostTensor> {
        let stored = self.value("reading", Source::caller())?;
        let len = transfer::device_len(stored.held, stored.dims.iter().product());
        let bytes = crate::adapters::read(stored.device.backend(), &stored.buffer, len)?;
        Ok(transfer::from_device("tensor", stored.held, stored.dims.clone(), &bytes)?)
    }

    /// The values on the host, without blocking: needed in browsers, and where many reads overlap.
    ///
    /// # Errors
    /// As [`Tensor::to_host`].
    #[track_caller]
    pub fn read_host(&self) -> impl Future<Output = Result<HostTensor>> + use<> {
        let stored = self.value("reading", Source::caller()).cloned();
        async move {
            let stored = stored?;
            let len = transfer::device_len(stored.held, stored.dims.iter().product());
            let bytes = stored.device.backend().download(&stored.buffer, len).await?;
            Ok(transfer::from_device("tensor", stored.held, stored.dims.clone(), &bytes)?)
        }
    }

    /// The values as an array, without blocking.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// # pollster::block_on(async {
    /// let y = Tensor::arange(0..3, &Device::cpu());
    /// let host: ndarray::Array1<i64> = y.read().await?;
    /// assert_eq!(host[2], 2);
    /// # Ok::<(), ferrodyne::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As [`Tensor::to_ndarray`].
    #[track_caller]
    pub fn read<T: Element, D: Dimension>(
        &self,
    ) -> impl Future<Output = Result<Array<T, D>>> + use<T, D> {
        let source = Source::caller();
        let host = self.read_host();
        async move { array(&host.await?, source) }
    }

    /// The values in row-major order.
    ///
    /// # Errors
    /// Another element type than `T`, and what [`Tensor::to_host`] reports.
    #[doc = example!("x.to_vec::<f32>()?", "[-1.000, 0.500, 2.000, 3.000]")]
    #[track_caller]
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        elements(&self.to_host()?, Source::caller())
    }

    /// The values as an array: `let a: ndarray::Array2<f32> = x.to_ndarray()?;`.
    ///
    /// # Errors
    /// Another element type or rank than the array's, and what [`Tensor::to_host`] reports.
    #[doc = example!("let rows: ndarray::Array2<f32> = x.to_ndarray()?;", "rows.row(1).to_vec()", "[2.000, 3.000]")]
    #[track_caller]
    pub fn to_ndarray<T: Element, D: Dimension>(&self) -> Result<Array<T, D>> {
        array(&self.to_host()?, Source::caller())
    }

    /// The only value.
    ///
    /// # Errors
    /// A tensor of several elements, another element type, and what [`Tensor::to_host`] reports.
    #[doc = example!("x.sum().item::<f32>()?", "4.500")]
    #[track_caller]
    pub fn item<T: Element>(&self) -> Result<T> {
        match self.to_vec::<T>()?.as_slice() {
            [value] => Ok(*value),
            values => {
                let message = format!(
                    "item: a tensor of shape {} has {} values, not one",
                    self.shape(),
                    values.len()
                );
                Err(Error::at("shape", message, Source::caller()))
            }
        }
    }

    /// The values on another device.
    ///
    /// # Errors
    /// While a function is captured; out of memory, and a device that was lost.
    #[doc = example!("x.to_device(&Device::cpu())?.to_vec::<f32>()?", "[-1.000, 0.500, 2.000, 3.000]")]
    #[track_caller]
    pub fn to_device(&self, device: &Device) -> Result<Tensor> {
        // Compiled ahead of time, all lies on the target.
        match self.device() == device || crate::capture::is_ahead() {
            true => Ok(self.clone()),
            false => {
                let held = self.value("moving", Source::caller())?.held;
                Tensor::from_host(&HostTensor { dtype: held, ..self.to_host()? }, device)
            }
        }
    }

    /// The same values; tensors are always dense, so nothing is copied.
    #[doc = example!("x.contiguous().to_vec::<f32>()?", "[-1.000, 0.500, 2.000, 3.000]")]
    pub fn contiguous(&self) -> Tensor {
        self.clone()
    }

    /// The same values, apart from any gradient.
    #[doc = example!("x.detach().to_vec::<f32>()?", "[-1.000, 0.500, 2.000, 3.000]")]
    pub fn detach(&self) -> Tensor {
        self.clone()
    }

    /// The values in f64, for the interpreter.
    pub(crate) fn to_array_f64(&self) -> Result<ArrayD<f64>> {
        let host = self.to_host()?;
        let values = numbers::values(&host);
        Ok(ArrayD::from_shape_vec(IxDyn(&host.dims), values)
            .expect("a host tensor fills its shape"))
    }

    /// A tensor of values in f64, rounded to an element type.
    pub(crate) fn from_array_f64(
        array: &ArrayD<f64>,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        let values: Vec<f64> = array.iter().copied().collect();
        Tensor::from_host(&numbers::host(dtype, array.shape(), &values), device)
    }
}

pairs! {
    /// The values converted to another element type. Floats become integers by dropping the fraction; NaN becomes 0; whatever is
    /// not zero is true.
    #[doc = example!("x.to_dtype(DType::I64).to_vec::<i64>()?", "[-1, 0, 2, 3]")]
    fn to_dtype | try_to_dtype(self, dtype: DType) {
        if self.dtype() == dtype {
            return Ok(self.clone());
        }
        if dtype == DType::F64 {
            let message = "to_dtype: devices have no f64; convert to f32, or read the values with `to_vec`";
            return Err(Error::at("dtype", message, Source::caller()));
        }
        apply("cast", &[self], Attrs::new().dtype("dtype", dtype))
    }
}

fn elements<T: Element>(host: &HostTensor, source: Source) -> Result<Vec<T>> {
    if host.dtype != T::DTYPE {
        let (have, want) = (host.dtype, T::DTYPE);
        let message = format!(
            "reading {want} values of a tensor of {have}: convert it with `to_dtype` first"
        );
        return Err(Error::at("dtype", message, source));
    }
    Ok(T::from_bytes(&host.bytes))
}

fn array<T: Element, D: Dimension>(host: &HostTensor, source: Source) -> Result<Array<T, D>> {
    let values = elements(host, source.clone())?;
    let array =
        ArrayD::from_shape_vec(IxDyn(&host.dims), values).expect("a host tensor fills its shape");
    array.into_dimensionality().map_err(|_| {
        let rank = D::NDIM.unwrap_or_default();
        let message =
            format!("a tensor of shape {:?} cannot become an array of rank {rank}", host.dims);
        Error::at("shape", message, source)
    })
}
