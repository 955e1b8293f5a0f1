//! Comparator: compares two buffers of a case word by word, with tails that must not be written.

use engine::kernels::Element;

/// Number of words after the end of every buffer: robust access silently drops writes past a binding, so they must be
/// detected here.
pub(crate) const TAIL: usize = 64;
const SENTINEL: u32 = 0xC0FF_EE11;

/// The buffers with their tails.
pub(crate) fn with_tails(buffers: &[Vec<u32>]) -> Vec<Vec<u32>> {
    buffers.iter().map(|it| [it.as_slice(), &[SENTINEL; TAIL]].concat()).collect()
}

/// Compares `found` with `expected`: integers and tails exactly, floats within a tolerance relative to the larger of 1
/// and the reference. A reference that is not finite proves nothing and fails.
pub(crate) fn compare(element: Element, expected: &[u32], found: &[u32], tolerance: f32) -> Result<(), String> {
    if expected.len() != found.len() {
        return Err(format!("{} words instead of {}", found.len(), expected.len()));
    }
    let end = expected.len() - TAIL;
    if let Some(at) = (end..expected.len()).find(|&at| found[at] != SENTINEL || expected[at] != SENTINEL) {
        return Err(format!("a word was written {} words past the end", at - end));
    }
    for (at, (expected, found)) in expected.iter().zip(found).take(end).enumerate() {
        let is_same = match element {
            Element::U32 => expected == found,
            Element::F32 => is_close(f32::from_bits(*expected), f32::from_bits(*found), tolerance),
        };
        if !is_same {
            let (as_expected, as_found) = (f32::from_bits(*expected), f32::from_bits(*found));
            return Err(format!("entry {at} is {as_found} ({found:#x}) instead of {as_expected} ({expected:#x})"));
        }
    }
    Ok(())
}

fn is_close(expected: f32, found: f32, tolerance: f32) -> bool {
    expected.is_finite() && (expected - found).abs() <= tolerance * expected.abs().max(1.0)
}

fn floats(values: &[f32]) -> Vec<u32> {
    with_tails(&[values.iter().map(|it| it.to_bits()).collect()]).remove(0)
}

#[test]
fn what_is_right_passes() {
    let right = floats(&[1.0, -2.0, 3.0]);
    assert_eq!(compare(Element::F32, &right, &floats(&[1.0, -2.0, 3.000_01]), 1e-5), Ok(()));
    assert_eq!(compare(Element::U32, &right, &right, 0.0), Ok(()));
}

#[test]
fn planted_faults_are_caught() {
    let right = floats(&[1.0, -2.0, 3.0]);
    let is_caught = |wrong: &[u32]| compare(Element::F32, &right, wrong, 1e-5).is_err();
    assert!(is_caught(&floats(&[1.0, -2.0, 3.001])), "an element");
    assert!(is_caught(&floats(&[1.0, 2.0, 3.0])), "a sign");
    assert!(is_caught(&floats(&[1.0, -2.0])), "a length");
    assert!(is_caught(&floats(&[1.0, f32::NAN, 3.0])), "NaN");
    assert!(is_caught(&floats(&[1.0, f32::INFINITY, 3.0])), "infinity");
    let mut past_the_end = right.clone();
    past_the_end[5] = 0;
    assert!(is_caught(&past_the_end), "a write past the end");
    let endless = floats(&[f32::INFINITY]);
    assert!(compare(Element::F32, &endless, &endless, 1e-5).is_err(), "a reference that is not finite");
    assert!(
        compare(
            Element::U32,
            &[vec![1], vec![SENTINEL; TAIL]].concat(),
            &[vec![2], vec![SENTINEL; TAIL]].concat(),
            1.0
        )
        .is_err()
    );
}
