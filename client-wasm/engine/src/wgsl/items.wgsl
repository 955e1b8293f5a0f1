// One invocation for each item, so many to a workgroup as the kernel's `WIDTH` says. The kernel also says how many items there
// are and what becomes of one: `n_items` and `item`.

@compute @workgroup_size(WIDTH)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let at = id.x + id.y * groups.x * WIDTH;
    if at < n_items() {
        item(at);
    }
}
