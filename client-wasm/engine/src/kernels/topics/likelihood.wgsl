const LEAST = 1e-10;

const WIDTH = 64u;

fn n_items() -> u32 { return params.rows; }

fn item(row: u32) {
    var loss = 0.0;
    for (var at = row * params.words; at < (row + 1u) * params.words; at++) {
        let share = shares[at] + LEAST;
        loss -= counts[at] * log(share);
        d_shares[at] = -counts[at] / share * row_scale[row];
    }
    marks[2u * row] = loss;
    marks[2u * row + 1u] = 0.0;
}
