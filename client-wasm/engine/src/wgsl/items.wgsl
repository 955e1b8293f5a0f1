// One invocation per item, in workgroups of the kernel's `WIDTH`. The kernel also defines the number of items and the
// work for one: `n_items` and `item`.

@compute @workgroup_size(WIDTH)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let at = id.x + id.y * groups.x * WIDTH;
    if at < n_items() {
        item(at);
    }
}
