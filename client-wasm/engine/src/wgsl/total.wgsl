// Sums and maxima over a workgroup of 64 invocations, each of which gets the result.

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
    // Nobody writes the next parts before everybody has read this one.
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
