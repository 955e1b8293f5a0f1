// One workgroup of 64 invocations per line. The kernel defines the number of lines and the work of a lane for one line:
// `n_lines` and `line`. Sums and maxima are over the workgroup, and each of its invocations gets the result.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = group.x + group.y * groups.x;
    if at < n_lines() {
        line(at, lane);
    }
}

var<workgroup> parts: array<f32, 64>;

fn total(lane: u32, part: f32) -> f32 {
    parts[lane] = part;
    workgroupBarrier();
    for (var apart = 32u; apart > 0u; apart /= 2u) {
        if lane < apart {
            parts[lane] += parts[lane + apart];
        }
        workgroupBarrier();
    }
    let sum = parts[0];
    // All invocations must have read this result before any of them writes the next partial sums.
    workgroupBarrier();
    return sum;
}

fn largest(lane: u32, part: f32) -> f32 {
    parts[lane] = part;
    workgroupBarrier();
    for (var apart = 32u; apart > 0u; apart /= 2u) {
        if lane < apart {
            parts[lane] = max(parts[lane], parts[lane + apart]);
        }
        workgroupBarrier();
    }
    let most = parts[0];
    workgroupBarrier();
    return most;
}
