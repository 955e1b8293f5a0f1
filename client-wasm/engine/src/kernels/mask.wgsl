struct Params {
    len: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> alive: array<u32>;
@group(0) @binding(2) var<storage, read_write> weights: array<f32>;

fn n_entries() -> u32 {
    return params.len;
}

fn entry(at: u32) {
    if extractBits(alive[at / 32u], at % 32u, 1u) == 0u {
        weights[at] = 0.0;
    }
}
