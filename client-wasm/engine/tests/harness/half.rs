//! The GPU with activations kept as 16-bit floats, where its shaders have them.

use engine::devices::{Device, DeviceError, DeviceKind};
use test_data::left_out;

/// The device; `None`, said aloud, on an adapter without `shader-f16`, which lavapipe has.
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
