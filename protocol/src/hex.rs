//! Hexadecimal: bytes as lower-case digits, two each.

/// Hexadecimal digits of some bytes.
pub fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

/// Parses exactly `2 · N` digits, lower-case or upper-case; `None` for anything else.
pub fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        for digit in pair {
            *byte = *byte << 4 | char::from(*digit).to_digit(16)? as u8;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_two_digits_each_and_nothing_else_is_read() {
        assert_eq!(text(&[0, 0x0a, 0xff]), "000aff");
        assert_eq!(bytes("000AfF"), Some([0, 0x0a, 0xff]));
        for wrong in ["", "000aff0", "000af", "000afg", "+00aff", "0é0af"] {
            assert_eq!(bytes::<3>(wrong), None, "{wrong}");
        }
    }
}
