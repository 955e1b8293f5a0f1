const WIDTH = 64u;

fn n_items() -> u32 { return params.planes; }

fn item(plane: u32) {
    var sum = 0.0;
    for (var i = 0u; i < params.inner; i++) {
        sum += x[plane * params.inner + i];
    }
    y[plane] = sum / f32(params.inner);
}
