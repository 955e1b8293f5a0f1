struct Params {
    planes: u32,
    inner: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

fn n_entries() -> u32 {
    return params.planes * params.inner;
}

fn entry(at: u32) {
    dx[at] = dy[at / params.inner] / f32(params.inner);
}
