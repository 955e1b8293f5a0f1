struct Params {
    rows: u32,
    columns: u32,
    offset: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradients: array<f32>;

fn n_entries() -> u32 {
    return params.rows * params.columns;
}

fn entry(at: u32) {
    gradients[params.offset + at] = dy[at];
}
