struct Params {
    first: u32,
    groups: u32,
    row: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> scores: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read_write> ballot: array<atomic<u32>>;

const LAST = 0xffffffffu;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let group = id.x + id.y * groups.x * 64u;
    if group >= params.groups {
        return;
    }
    let own = scores[params.first + group];
    var before = 0u;
    var later = 0u;
    for (var other = group + 1u; other < params.groups; other++) {
        let theirs = scores[params.first + other];
        before += select(0u, 1u, theirs < own);
        later += select(0u, 1u, theirs != LAST);
    }
    let width = 32u - countLeadingZeros(later);
    if own == LAST || before == 0u {
        return;
    }
    let at = starts[params.row] + later * width + 1u - (1u << width);
    let shift = at % 32u;
    atomicOr(&ballot[at / 32u], before << shift);
    if shift + width > 32u {
        atomicOr(&ballot[at / 32u + 1u], before >> (32u - shift));
    }
}
