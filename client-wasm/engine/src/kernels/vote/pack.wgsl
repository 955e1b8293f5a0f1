const DEAD = 0xffffffffu;

const WIDTH = 64u;

fn n_items() -> u32 { return (params.groups + 31u) / 32u; }

fn item(word: u32) {
    var bits = 0u;
    for (var bit = 0u; bit < min(32u, params.groups - word * 32u); bit++) {
        let place = places[word * 32u + bit];
        if place != DEAD {
            bits |= drops[place] << bit;
        }
    }
    ballot[word] = bits;
}
