struct Params {
    batch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> cursor: array<u32>;

@compute @workgroup_size(1)
fn main() {
    cursor[0] += params.batch;
    cursor[2] += 1u;
}
