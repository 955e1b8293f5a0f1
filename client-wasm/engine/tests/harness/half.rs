//! The GPU with activations stored as 16-bit floats, where its shaders support them.

use engine::devices::{Device, DeviceError, DeviceKind};
use test_data::left_out;

/// The device; `None`, with a printed note, on an adapter without `shader-f16`. Lavapipe has it.
pub(crate) fn half() -> Option<Device> {
    match pollster::block_on(Device::open(DeviceKind::GpuF16)) {
        Err(error @ DeviceError::Wide { .. }) => {
            assert!(!error.to_string().contains("llvmpipe"), "lavapipe has shader-f16: {error}");
            left_out(error);
            None
        }
        opened => Some(opened.expect("a Vulkan adapter: install mesa-vulkan-drivers for lavapipe")),
    }
}
