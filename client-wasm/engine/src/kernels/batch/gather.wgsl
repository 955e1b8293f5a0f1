fn n_entries() -> u32 { return params.batch * params.sample_len; }

fn entry(at: u32) {
    let row = at / params.sample_len;
    let column = at - row * params.sample_len;
    let valid = min(cursor[1] - min(cursor[0], cursor[1]), params.batch);
    var sample = 0u;
    if row < valid {
        sample = order[cursor[0] + row];
        let byte = sample * params.sample_len + column;
        x[at] = f32((features[byte >> 2u] >> ((byte & 3u) << 3u)) & 255u) * params.scale + params.shift;
    } else {
        x[at] = 0.0;
    }
    if column == 0u {
        labels[row] = select(0u, answers[sample], row < valid);
        row_scale[row] = select(0.0, 1.0 / f32(valid), row < valid);
    }
}
