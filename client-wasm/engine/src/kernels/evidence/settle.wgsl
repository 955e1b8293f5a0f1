struct Params {
    len: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> amount: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
@group(0) @binding(3) var<storage, read_write> settled: array<f32>;

fn n_entries() -> u32 {
    return params.len;
}

fn entry(at: u32) {
    let sum = sums[at];
    settled[at] += amount[0] * sum * sum;
    sums[at] = 0.0;
}
