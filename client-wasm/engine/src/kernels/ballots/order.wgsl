const LAST = 0xffffffffu;

const WIDTH = 64u;

fn n_items() -> u32 { return params.groups; }

fn item(group: u32) {
    let own = scores[params.first + group];
    var before = 0u;
    var later = 0u;
    for (var other = group + 1u; other < params.groups; other++) {
        let theirs = scores[params.first + other];
        before += select(0u, 1u, theirs < own);
        later += select(0u, 1u, theirs != LAST);
    }
    let width = 32u - countLeadingZeros(later);
    if own == LAST || before == 0u {
        return;
    }
    let at = starts[params.row] + later * width + 1u - (1u << width);
    let shift = at % 32u;
    atomicOr(&ballot[at / 32u], before << shift);
    if shift + width > 32u {
        atomicOr(&ballot[at / 32u + 1u], before >> (32u - shift));
    }
}
