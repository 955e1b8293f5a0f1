// One invocation for eight entries, which lie a workgroup's width apart: neighbours load neighbours, and software adapters
// pay for an invocation as much as for an entry. The kernel says how many entries there are and what becomes of one:
// `n_entries` and `entry`.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group.x + group.y * groups.x) * 512u + lane;
    let n = n_entries();
    if first + 448u < n {
        // Not a loop: what asks whether it goes on asks for every lane.
        entry(first);
        entry(first + 64u);
        entry(first + 128u);
        entry(first + 192u);
        entry(first + 256u);
        entry(first + 320u);
        entry(first + 384u);
        entry(first + 448u);
    } else {
        for (var at = first; at < n; at += 64u) {
            entry(at);
        }
    }
}
