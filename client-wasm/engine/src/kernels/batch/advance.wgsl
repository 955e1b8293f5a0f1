@compute @workgroup_size(1)
fn main() {
    cursor[0] += params.batch;
    cursor[2] += 1u;
}
