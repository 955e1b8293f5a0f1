//! Order: a ballot that ranks the groups of every row, in a number of bits that depends only on the numbers of groups.
//!
//! A group is encoded as the number of later groups of its row that rank before it (a Lehmer code): with `r` later
//! groups a number from 0 to `r`, in as many bits as `r` has. Every sequence of such numbers is a valid order, so only
//! the range must be checked, and a device finds each number by comparing scores, without sorting. Ranks of fixed width
//! would be equally simple but longer: the 400 units of LeNet-300-100 take 346 bytes as a Lehmer code and 425 as ranks;
//! the lower bound for any code is 321 (log₂ 300! + log₂ 100! bits).
//!
//! Rows follow each other. Within a row the last group comes first, so that the position of a number depends on `r`
//! alone.

use std::ops::Range;

use crate::groups::Groups;
use crate::mask::Mask;

/// Position, in its row's bits, of the number of a group with `n_later` later groups.
pub fn place(n_later: u32) -> Range<u32> {
    let width = u32::BITS - n_later.leading_zeros();
    // Sum of the widths of 0, 1, … up to the previous number.
    let start = n_later * width + 1 - (1 << width);
    start..start + width
}

/// Start of every row's bits for these numbers of groups, and the end of the last row's bits.
pub fn starts(alive: &[u32]) -> Vec<u32> {
    let ends = alive.iter().scan(0, |end, n| {
        *end += place(*n).start;
        Some(*end)
    });
    std::iter::once(0).chain(ends).collect()
}

/// Number of bits of a ballot that ranks this many groups of each row.
pub fn n_bits(alive: &[u32]) -> usize {
    alive.iter().map(|it| place(*it).start as usize).sum()
}

/// An order by scores: the lowest goes first, of equal ones the lower number.
pub fn by_scores<T: PartialOrd>(groups: &Groups, mask: &Mask, score: impl Fn(usize) -> T) -> Mask {
    written(groups, mask, |at, later| later.iter().filter(|it| score(**it) < score(at)).count())
}

/// An order given by a function that says, for every group and the later ones of its row, how many later groups
/// rank before this group.
pub fn written(groups: &Groups, mask: &Mask, before: impl Fn(usize, &[usize]) -> usize) -> Mask {
    let alive = groups.alive(mask);
    let mut bits = Mask::empty(n_bits(&alive));
    for (row, start) in groups.rows.iter().zip(starts(&alive)) {
        let asked: Vec<usize> = mask.iter_in(row.range()).collect();
        for (at, group) in asked.iter().enumerate() {
            let later = &asked[at + 1..];
            let (number, place) = (before(*group, later), place(later.len() as u32));
            let set = place.clone().filter(|it| number >> (it - place.start) & 1 == 1);
            set.for_each(|it| bits.set((start + it) as usize));
        }
    }
    bits
}

/// Rank of every group in question among those of its row, 0 for the one that goes first; 0 for all other groups.
///
/// # Errors
/// Names a group whose number exceeds its number of later groups.
///
/// # Panics
/// If the number of bits is not [`n_bits`].
pub fn ranks(groups: &Groups, mask: &Mask, bits: &Mask) -> Result<Vec<u32>, usize> {
    let mut ranks = vec![0; mask.len()];
    for (row, start) in groups.rows.iter().zip(starts(&groups.alive(mask))) {
        let asked: Vec<usize> = mask.iter_in(row.range()).collect();
        let mut free = Mask::full(asked.len());
        for (at, group) in asked.iter().enumerate() {
            let n_later = asked.len() - 1 - at;
            let place = place(n_later as u32);
            let bit = |it: u32| u32::from(bits.has((start + it) as usize)) << (it - place.start);
            let before = place.clone().map(bit).sum::<u32>() as usize;
            if before > n_later {
                return Err(*group);
            }
            // The later groups that rank before this one take as many of the free ranks.
            let rank = nth(&free, before);
            free.clear(rank);
            ranks[*group] = rank as u32;
        }
    }
    Ok(ranks)
}

/// Index of the set bit that has `n_before` set bits before it; whole words are skipped, since there may be 65,536
/// bits.
fn nth(bits: &Mask, mut n_before: usize) -> usize {
    for (at, word) in bits.words().iter().enumerate() {
        let n_set = word.count_ones() as usize;
        if n_before < n_set {
            let rest = (0..n_before).fold(*word, |rest, _| rest & (rest - 1));
            return 32 * at + rest.trailing_zeros() as usize;
        }
        n_before -= n_set;
    }
    unreachable!("there are as many free ranks as unranked groups")
}

/// The groups that would go by these ranks alone: `quotas` of every row.
pub fn lowest(groups: &Groups, mask: &Mask, ranks: &[u32], quotas: &[u32]) -> Mask {
    let mut lowest = Mask::empty(mask.len());
    for (row, quota) in groups.rows.iter().zip(quotas) {
        mask.iter_in(row.range()).filter(|it| ranks[*it] < *quota).for_each(|it| lowest.set(it));
    }
    lowest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::{Form, Row};
    use crate::models;
    use crate::random;

    fn rows(lens: &[u32]) -> Groups {
        let row = |groups| Row {
            name: "a".into(),
            layer: "a".into(),
            groups,
            stripes: vec![],
            space: None,
            deviation: 0.0,
            own_len: 1,
        };
        let ends = lens.iter().scan(0, |end, len| {
            *end += len;
            Some(row(*end - len..*end))
        });
        Groups { form: Form::Masked, rows: ends.collect(), others: vec![] }
    }

    #[test]
    fn four_groups_take_five_bits() {
        // Scores 3, 1, 2, 1: all three later groups rank before group 0, none before 1 (of equal ones the lower number
        // goes first), one before 2, and the last one needs no bit. From the last: [], 1, 00, 11.
        let (groups, mask, scores) = (rows(&[4]), Mask::full(4), [3, 1, 2, 1]);
        let bits = by_scores(&groups, &mask, |it| scores[it]);
        assert_eq!((bits.len(), bits.words()), (5, &[0b11001][..]));
        assert_eq!(ranks(&groups, &mask, &bits), Ok(vec![3, 0, 2, 1]));
    }

    #[test]
    fn places_follow_each_other() {
        let mut end = 0;
        for n_later in 0..70_000 {
            let place = place(n_later);
            assert_eq!(place.start, end, "{n_later}");
            assert!(n_later == 0 || n_later >> (place.len() - 1) == 1, "{n_later} fits and uses every bit");
            end = place.end;
        }
    }

    #[test]
    fn the_dead_take_no_bits_and_ranks_come_back() {
        let groups = rows(&[1, 40, 100, 7]);
        for every in [1, 2, 3] {
            let mask = Mask::from_fn(148, |it| it == 0 || it % every == 0);
            let score = |it: usize| random::below(5, every as u64, it as u64, 30);
            let bits = by_scores(&groups, &mask, score);
            assert_eq!(bits.len(), *starts(&groups.alive(&mask)).last().expect("an end") as usize);
            let ranks = ranks(&groups, &mask, &bits).expect("an order");
            for row in &groups.rows {
                let mut order: Vec<usize> = mask.iter_in(row.range()).collect();
                order.sort_by_key(|it| (score(*it), *it));
                let found: Vec<u32> = order.iter().map(|it| ranks[*it]).collect();
                assert_eq!(found, (0..order.len() as u32).collect::<Vec<_>>());
            }
            assert!((0..148).all(|it| mask.has(it) || ranks[it] == 0));
        }
    }

    #[test]
    fn a_number_beyond_the_later_groups_is_no_order() {
        // Of three groups the first has two bits for 0, 1 or 2.
        let (groups, mask) = (rows(&[3]), Mask::full(3));
        let of = |bits: &str| ranks(&groups, &mask, &Mask::from_fn(3, |it| &bits[it..=it] == "1"));
        assert_eq!(of("001"), Ok(vec![2, 0, 1]));
        assert_eq!(of("011"), Err(0));
    }

    #[test]
    fn what_goes_by_one_order_alone_is_its_first() {
        let (groups, mask) = (rows(&[3, 2]), Mask::from_fn(5, |it| it != 1));
        assert_eq!(lowest(&groups, &mask, &[1, 0, 0, 0, 1], &[1, 1]).iter().collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn lenets_units_take_346_bytes() {
        let model = models::named("lenet-300-100").expect("a named model").check().expect("its shapes fit");
        let groups = Groups::of_units(model.graph());
        let alive = groups.alive(&Mask::full(groups.n_groups()));
        assert_eq!(alive, [300, 100]);
        let log2 = |n: u32| (1..=n).map(|it| f64::from(it).log2()).sum::<f64>();
        let bytes = |bits: f64| (bits / 8.0).ceil() as usize;
        assert_eq!(n_bits(&alive).div_ceil(8), 346);
        // One bit per unit; a rank of nine or seven bits per unit; and the lower bound for any code of all orders.
        assert_eq!([groups.n_groups().div_ceil(8), bytes(300.0 * 9.0 + 100.0 * 7.0)], [50, 425]);
        assert_eq!(bytes(log2(300) + log2(100)), 321);
    }
}
