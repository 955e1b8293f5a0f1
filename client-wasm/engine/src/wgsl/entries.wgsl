// One invocation for eight entries, which are a workgroup's width apart: adjacent invocations load adjacent entries,
// and on software adapters an invocation costs as much as an entry. The kernel defines the number of entries and the
// work for one: `n_entries` and `entry`.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = (group.x + group.y * groups.x) * 512u + lane;
    let n = n_entries();
    if first + 448u < n {
        // Unrolled: a loop condition would be evaluated for every lane.
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
