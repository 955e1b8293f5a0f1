const WIDTH = 8u;

fn n_items() -> u32 { return params.channels; }

fn item(channel: u32) {
    var middle = 0.0;
    var entries = 0.0;
    for (var row = 0u; row < params.rows; row += 4u) {
        let scales = scales_of(row) / f32(params.inner);
        let starts = starts_of(row, channel);
        for (var it = 0u; it < params.inner; it++) {
            middle += dot(scales, four_of_x(starts + it));
        }
        entries += dot(select(vec4f(), vec4f(f32(params.inner)), scales > vec4f()), vec4f(1.0));
    }
    var spread = 0.0;
    for (var row = 0u; row < params.rows; row += 4u) {
        let scales = scales_of(row) / f32(params.inner);
        let starts = starts_of(row, channel);
        for (var it = 0u; it < params.inner; it++) {
            let apart = four_of_x(starts + it) - middle;
            spread += dot(scales, apart * apart);
        }
    }
    store_stats(channel, middle, spread, entries);
}

// Weights of four rows; 0 past the last one.
fn scales_of(row: u32) -> vec4f {
    let at = rows_from(row, params.rows);
    let scales = vec4f(row_scale[at.x], row_scale[at.y], row_scale[at.z], row_scale[at.w]);
    return select(vec4f(), scales, is_row(row, params.rows));
}

fn four_of_x(at: vec4u) -> vec4f {
    return vec4f(x[at.x], x[at.y], x[at.z], x[at.w]);
}
