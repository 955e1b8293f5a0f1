const DEAD = 0xffffffffu;
const LAST = 0xffffffffu;

const WIDTH = 64u;

fn n_items() -> u32 { return params.groups; }

fn item(group: u32) {
    if places[group] == DEAD {
        scores[group] = LAST;
    }
}
