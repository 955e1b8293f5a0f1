const WIDTH = 64u;

fn n_items() -> u32 { return params.groups; }

fn item(group: u32) {
    // Compared as bits and not as floats, because shaders may assume that there is no NaN.
    let own = scores[params.first + group];
    var rank = 0u;
    for (var other = 0u; other < params.groups; other++) {
        let theirs = scores[params.first + other];
        rank += select(0u, 1u, theirs < own || (theirs == own && other < group));
    }
    drops[params.first + group] = select(0u, 1u, rank < quotas[params.row]);
}
