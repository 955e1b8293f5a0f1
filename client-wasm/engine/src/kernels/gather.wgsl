struct Params {
    batch: u32,
    sample_len: u32,
    scale: f32,
    shift: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> features: array<u32>;
@group(0) @binding(2) var<storage, read> answers: array<u32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> cursor: array<u32>;
@group(0) @binding(5) var<storage, read_write> x: array<f32>;
@group(0) @binding(6) var<storage, read_write> labels: array<u32>;
@group(0) @binding(7) var<storage, read_write> row_scale: array<f32>;

fn n_entries() -> u32 {
    return params.batch * params.sample_len;
}

fn entry(at: u32) {
    let row = at / params.sample_len;
    let column = at - row * params.sample_len;
    let valid = min(cursor[1] - min(cursor[0], cursor[1]), params.batch);
    var sample = 0u;
    if row < valid {
        sample = order[cursor[0] + row];
        let byte = sample * params.sample_len + column;
        x[at] = f32((features[byte >> 2u] >> ((byte & 3u) << 3u)) & 255u) * params.scale + params.shift;
    } else {
        x[at] = 0.0;
    }
    if column == 0u {
        labels[row] = select(0u, answers[sample], row < valid);
        row_scale[row] = select(0.0, 1.0 / f32(valid), row < valid);
    }
}
