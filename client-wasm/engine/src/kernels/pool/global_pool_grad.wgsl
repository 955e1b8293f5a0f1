fn n_entries() -> u32 { return params.planes * params.inner; }

fn entry(at: u32) {
    dx[at] = dy[at / params.inner] / f32(params.inner);
}
