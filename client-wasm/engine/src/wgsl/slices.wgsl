// A matrix product with few sums of many products: 256 invocations compute 16 × 16 sums, and each of sixteen slices
// takes every sixteenth product (16 KiB to add them up). The kernel defines the entries, `left_entry` and
// `right_entry`, and what is computed once per column before its entries are read, `Column` and `column_of`.

var<workgroup> slices: array<f32, 4096>;

// The sum of this invocation in the tile with this first row and column: row lane / 16, column lane % 16.
fn sliced(first: vec2u, lane: u32, depths: u32) -> f32 {
    let slice = lane / 16u;
    let row = lane % 16u / 4u * 4u;
    let column = lane % 4u * 4u;
    var columns = array(
        column_of(first.y + column), column_of(first.y + column + 1u),
        column_of(first.y + column + 2u), column_of(first.y + column + 3u),
    );
    var sums = mat4x4f();
    for (var depth = slice; depth < depths; depth += 16u) {
        let right = vec4f(
            right_entry(columns[0], depth), right_entry(columns[1], depth),
            right_entry(columns[2], depth), right_entry(columns[3], depth),
        );
        sums += mat4x4f(
            left_entry(first.x + row, depth) * right, left_entry(first.x + row + 1u, depth) * right,
            left_entry(first.x + row + 2u, depth) * right, left_entry(first.x + row + 3u, depth) * right,
        );
    }
    for (var at = 0u; at < 16u; at++) {
        slices[slice * 256u + (row + at / 4u) * 16u + column + at % 4u] = sums[at / 4u][at % 4u];
    }
    workgroupBarrier();
    var sum = 0.0;
    for (var at = lane; at < 4096u; at += 256u) {
        sum += slices[at];
    }
    return sum;
}
