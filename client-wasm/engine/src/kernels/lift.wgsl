struct Params {
    rows: u32,
    columns: u32,
    offset: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> row_scale: array<f32>;

fn n_entries() -> u32 {
    return params.rows * params.columns;
}

fn entry(at: u32) {
    y[at] = weights[params.offset + at];
    if at % params.columns == 0u {
        row_scale[at / params.columns] = 1.0 / f32(params.rows);
    }
}
