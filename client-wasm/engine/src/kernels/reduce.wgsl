struct Params {
    start: u32,
    outer: u32,
    outer_stride: u32,
    groups: u32,
    group_stride: u32,
    inner: u32,
    inner_stride: u32,
    first: u32,
    keeps: u32,
    norm: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read_write> scores: array<f32>;

const L2 = 1u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let group = id.x + id.y * groups.x * 64u;
    if group >= params.groups {
        return;
    }
    let square = params.norm == L2;
    var sum = 0.0;
    for (var repetition = 0u; repetition < params.outer; repetition++) {
        let begin = params.start + repetition * params.outer_stride + group * params.group_stride;
        // One variable counts and addresses: a second one costs software adapters half as much again.
        let end = begin + params.inner * params.inner_stride;
        for (var at = begin; at < end; at += params.inner_stride) {
            let weight = weights[at];
            sum += select(abs(weight), weight * weight, square);
        }
    }
    let before = select(0.0, scores[params.first + group], params.keeps == 1u);
    scores[params.first + group] = before + sum;
}
