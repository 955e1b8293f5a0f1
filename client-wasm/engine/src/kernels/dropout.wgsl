struct Params {
    len: u32,
    stream: u32,
    threshold: u32,
    scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> cursor: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn n_entries() -> u32 {
    return params.len;
}

fn entry(at: u32) {
    let key = mixed(params.stream ^ mixed(cursor[2] ^ mixed(cursor[3])));
    y[at] = select(x[at] * params.scale, 0.0, mixed(at ^ key) < params.threshold);
}

fn mixed(word: u32) -> u32 {
    let once = (word ^ (word >> 16u)) * 0x7feb352du;
    let twice = (once ^ (once >> 15u)) * 0x846ca68bu;
    return twice ^ (twice >> 16u);
}
