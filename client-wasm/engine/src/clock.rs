//! Clock: monotonic microseconds, in a tab and natively.

/// Microseconds since a fixed moment.
#[cfg(not(target_arch = "wasm32"))]
pub fn now_micros() -> u64 {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed().as_micros() as u64
}

/// Microseconds since the page or worker started.
#[cfg(target_arch = "wasm32")]
pub fn now_micros() -> u64 {
    use wasm_bindgen::JsCast;
    // Workers and windows both have `performance`, but no common type for it.
    let clock = js_sys::Reflect::get(&js_sys::global(), &"performance".into());
    clock.ok().and_then(|it| it.dyn_into::<web_sys::Performance>().ok()).map_or(0, |it| (it.now() * 1000.0) as u64)
}
