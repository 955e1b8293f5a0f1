struct Params {
    groups: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> places: array<u32>;
@group(0) @binding(2) var<storage, read> drops: array<u32>;
@group(0) @binding(3) var<storage, read_write> ballot: array<u32>;

const DEAD = 0xffffffffu;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let word = id.x + id.y * groups.x * 64u;
    if word * 32u >= params.groups {
        return;
    }
    var bits = 0u;
    for (var bit = 0u; bit < min(32u, params.groups - word * 32u); bit++) {
        let place = places[word * 32u + bit];
        if place != DEAD {
            bits |= drops[place] << bit;
        }
    }
    ballot[word] = bits;
}
