const L2 = 1u;

const WIDTH = 64u;

fn n_items() -> u32 { return params.groups; }

fn item(group: u32) {
    let square = params.norm == L2;
    var sum = 0.0;
    for (var repetition = 0u; repetition < params.outer; repetition++) {
        let begin = params.start + repetition * params.outer_stride + group * params.group_stride;
        // A single variable counts and addresses: with a second one the loop takes half as long again on software
        // adapters.
        let end = begin + params.inner * params.inner_stride;
        for (var at = begin; at < end; at += params.inner_stride) {
            let weight = weights[at];
            sum += select(abs(weight), weight * weight, square);
        }
    }
    let before = select(0.0, scores[params.first + group], params.keeps == 1u);
    scores[params.first + group] = before + sum;
}
