// A matrix product in workgroup memory: a workgroup of 16 × 16 invocations shares 64 × 16 entries of both factors (8
// KiB) and computes 64 × 64 sums. The kernel defines the entries, `left_entry` and `right_entry`, and what is computed
// once per column before its entries are read, `Column` and `column_of`.

const TILE = 64u;
const DEPTH = 16u;

var<workgroup> left_tile: array<f32, 1024>;
var<workgroup> right_tile: array<f32, 1024>;

// The four rows of four sums of this invocation in the tile with this first row and column.
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

// Group of this workgroup.
var<private> group: u32;

// One workgroup per 64 lines of a group and 64 columns. The kernel defines the number of lines of a group, the depth of
// the sums, and how four sums of a line are stored: `n_lines`, `n_deep` and `store_four`.
@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_id) id: vec3u) {
    group = tile.z;
    let first = vec2u(tile.y, tile.x) * TILE;
    var sums = product(first, id, n_deep());
    for (var row = 0u; row < 4u; row++) {
        let line = first.x + id.y * 4u + row;
        if line < n_lines() {
            store_four(line, first.y + id.x * 4u, sums[row]);
        }
    }
}
