struct Params {
    first: u32,
    groups: u32,
    row: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> scores: array<u32>;
@group(0) @binding(2) var<storage, read> quotas: array<u32>;
@group(0) @binding(3) var<storage, read_write> drops: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let group = id.x + id.y * groups.x * 64u;
    if group >= params.groups {
        return;
    }
    // Bits, not floats: shaders may assume that there is no NaN.
    let own = scores[params.first + group];
    var rank = 0u;
    for (var other = 0u; other < params.groups; other++) {
        let theirs = scores[params.first + other];
        rank += select(0u, 1u, theirs < own || (theirs == own && other < group));
    }
    drops[params.first + group] = select(0u, 1u, rank < quotas[params.row]);
}
