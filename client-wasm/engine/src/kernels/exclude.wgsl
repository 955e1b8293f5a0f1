struct Params {
    groups: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> places: array<u32>;
@group(0) @binding(2) var<storage, read_write> scores: array<u32>;

const DEAD = 0xffffffffu;
const LAST = 0xffffffffu;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let group = id.x + id.y * groups.x * 64u;
    if group >= params.groups {
        return;
    }
    if places[group] == DEAD {
        scores[group] = LAST;
    }
}
