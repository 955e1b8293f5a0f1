//! Secrets: join codes to read out, host secrets, and tokens that name a client and cannot be made up.

use protocol::hex;
use sha2::{Digest, Sha256};

use crate::session::ClientId;

/// Crockford's base 32: no letter that is read as a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a join code.
const CODE_LEN: usize = 6;

/// A fresh join code.
pub(crate) fn fresh_code() -> String {
    let letter = |it: u8| char::from(ALPHABET[usize::from(it % 32)]);
    random::<CODE_LEN>().into_iter().map(letter).collect()
}

/// A code as it was meant: upper case, with the letters that look like digits read as digits.
pub(crate) fn read_code(typed: &str) -> String {
    let meant = |it: char| match it.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    typed.chars().filter(|it| it.is_ascii_alphanumeric()).take(32).map(meant).collect()
}

/// A fresh host secret of 128 bits.
pub(crate) fn fresh_secret() -> String {
    hex::text(&random::<16>())
}

/// The token of a client: its number, and a proof that whoever knows the host secret gave it out. Nothing needs to be
/// remembered for a token to be worth something after a crash.
pub(crate) fn client_token(secret: &str, client: ClientId) -> [u8; 16] {
    let mut token = [0; 16];
    token[..4].copy_from_slice(&client.to_le_bytes());
    token[4..].copy_from_slice(&keyed(secret, "client", u64::from(client))[..12]);
    token
}

/// The client that a token names, if it is genuine.
pub(crate) fn client_of(secret: &str, token: &[u8; 16]) -> Option<ClientId> {
    let client = ClientId::from_le_bytes([token[0], token[1], token[2], token[3]]);
    is_same(&client_token(secret, client), token).then_some(client)
}

/// A download token that is good until `expires` (seconds of the Unix epoch).
pub(crate) fn download_token(secret: &str, expires: u64) -> String {
    format!("{expires}-{}", hex::text(&keyed(secret, "download", expires)[..16]))
}

/// Whether a download token is genuine and still good at `now`.
pub(crate) fn is_download_token(secret: &str, token: &str, now: u64) -> bool {
    let expires = token.split_once('-').and_then(|it| it.0.parse::<u64>().ok());
    expires.is_some_and(|it| it > now && is_same(download_token(secret, it).as_bytes(), token.as_bytes()))
}

/// Compares in a time that depends on the lengths alone.
pub(crate) fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// SHA-256 twice over key and text, so that nothing can be appended to what was hashed.
fn keyed(secret: &str, purpose: &str, number: u64) -> [u8; 32] {
    let inner = Sha256::digest(format!("{secret}/{purpose}/{number}"));
    Sha256::new().chain_update(secret).chain_update(inner).finalize().into()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_client_and_no_other() {
        let mut token = client_token("s", 7);
        assert_eq!(client_of("s", &token), Some(7));
        assert_eq!(client_of("t", &token), None);
        token[0] = 8;
        assert_eq!(client_of("s", &token), None);
    }

    #[test]
    fn a_download_token_expires_and_cannot_be_prolonged() {
        let token = download_token("s", 100);
        assert!(is_download_token("s", &token, 99));
        assert!(!is_download_token("s", &token, 100));
        assert!(!is_download_token("s", &token.replacen("100", "900", 1), 99));
        assert!(!is_download_token("t", &token, 99) && !is_download_token("s", "", 99));
    }

    #[test]
    fn codes_are_read_as_they_were_meant() {
        assert_eq!(read_code(" o1l-abc "), "011ABC");
        assert!(fresh_code().len() == CODE_LEN && read_code(&fresh_code()).len() == CODE_LEN);
    }
}
