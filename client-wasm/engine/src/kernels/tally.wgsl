struct Params {
    rows: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> marks: array<f32>;
@group(0) @binding(2) var<storage, read> row_scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> totals: array<f32>;

@compute @workgroup_size(1)
fn main() {
    var sums = vec3f();
    for (var row = 0u; row < params.rows; row++) {
        if row_scale[row] > 0.0 {
            sums += vec3f(marks[2u * row], marks[2u * row + 1u], 1.0);
        }
    }
    totals[0] += sums.x;
    totals[1] += sums.y;
    totals[2] += sums.z;
}
