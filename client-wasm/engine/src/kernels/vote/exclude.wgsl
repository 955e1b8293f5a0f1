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
