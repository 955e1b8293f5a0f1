struct Params {
    len: u32,
    stream: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> cursor: array<u32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> log_variance: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn n_entries() -> u32 {
    return params.len;
}

fn entry(at: u32) {
    let key = mixed(params.stream ^ mixed(cursor[2] ^ mixed(cursor[3])));
    y[at] = mean[at] + exp(log_variance[at] / 2.0) * normal(mixed(at ^ key));
}

fn normal(bits: u32) -> f32 {
    let x = f32(i32(bits >> 8u) * 2 + 1 - 16777216) / 16777216.0;
    let w = -log((1.0 - x) * (1.0 + x));
    var sum = 0.0;
    if w < 5.0 {
        let v = w - 2.5;
        sum = 2.81022636e-8;
        sum = sum * v + 3.43273939e-7;
        sum = sum * v - 3.5233877e-6;
        sum = sum * v - 4.39150654e-6;
        sum = sum * v + 2.1858087e-4;
        sum = sum * v - 1.25372503e-3;
        sum = sum * v - 4.17768164e-3;
        sum = sum * v + 2.46640727e-1;
        sum = sum * v + 1.50140941;
    } else {
        let v = sqrt(w) - 3.0;
        sum = -2.00214257e-4;
        sum = sum * v + 1.00950558e-4;
        sum = sum * v + 1.34934322e-3;
        sum = sum * v - 3.67342844e-3;
        sum = sum * v + 5.73950773e-3;
        sum = sum * v - 7.62246130e-3;
        sum = sum * v + 9.43887047e-3;
        sum = sum * v + 1.00167406;
        sum = sum * v + 2.83297682;
    }
    return 1.41421356 * sum * x;
}

fn mixed(word: u32) -> u32 {
    let once = (word ^ (word >> 16u)) * 0x7feb352du;
    let twice = (once ^ (once >> 15u)) * 0x846ca68bu;
    return twice ^ (twice >> 16u);
}
