// A matrix product in workgroup memory: a workgroup of 16 × 16 invocations shares 64 × 16 entries of both factors (8 KiB)
// and keeps 64 × 64 sums. The kernel says what lies where: `left_entry` and `right_entry`, and what it knows of a column
// before the first of its entries is asked for, `Column` and `column_of`.

const TILE = 64u;
const DEPTH = 16u;

var<workgroup> left_tile: array<f32, 1024>;
var<workgroup> right_tile: array<f32, 1024>;

// The four rows of four sums that belong to this invocation of the tile with this first row and column.
fn product(first: vec2u, id: vec3u, depths: u32) -> mat4x4f {
    let lane = id.y * 16u + id.x;
    let column = column_of(first.y + lane % TILE);
    var sums = mat4x4f();
    for (var start = 0u; start < depths; start += DEPTH) {
        for (var part = 0u; part < 4u; part++) {
            let line = lane / DEPTH + part * 16u;
            let deep = lane % DEPTH;
            left_tile[deep * TILE + line] = left_entry(first.x + line, start + deep);
            let depth = lane / TILE + part * 4u;
            right_tile[depth * TILE + lane % TILE] = right_entry(column, start + depth);
        }
        workgroupBarrier();
        for (var depth = 0u; depth < DEPTH; depth++) {
            let from_left = depth * TILE + id.y * 4u;
            let from_right = depth * TILE + id.x * 4u;
            let right = vec4f(
                right_tile[from_right], right_tile[from_right + 1u],
                right_tile[from_right + 2u], right_tile[from_right + 3u],
            );
            sums += mat4x4f(
                left_tile[from_left] * right, left_tile[from_left + 1u] * right,
                left_tile[from_left + 2u] * right, left_tile[from_left + 3u] * right,
            );
        }
        workgroupBarrier();
    }
    return sums;
}
