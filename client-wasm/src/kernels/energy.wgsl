struct Params {
    offset: u32,
    outer: u32,
    units: u32,
    inner: u32,
    first: u32,
    keeps: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read_write> energies: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let unit = id.x + id.y * groups.x * 64u;
    if unit >= params.units {
        return;
    }
    var sum = 0.0;
    for (var repetition = 0u; repetition < params.outer; repetition++) {
        let start = params.offset + (repetition * params.units + unit) * params.inner;
        for (var entry = 0u; entry < params.inner; entry++) {
            let weight = weights[start + entry];
            sum += weight * weight;
        }
    }
    let before = select(0.0, energies[params.first + unit], params.keeps == 1u);
    energies[params.first + unit] = before + sum;
}
