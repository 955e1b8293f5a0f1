//! Frames: a message as a length and chunks of at most 16 KiB, so that no socket buffers a model whole.
//!
//! The first frame starts with the message's length (u32, little-endian), so that an oversized message is refused by
//! its header, before any of it is kept. A message starts a new frame.

use super::Refusal;

/// Bytes of a WebSocket message at most, length included.
pub const CHUNK: usize = 16 * 1024;

/// The frames of a message, in order.
pub fn split(message: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let head = (message.len() as u32).to_le_bytes();
    let first = message.len().min(CHUNK - head.len());
    let (start, rest) = message.split_at(first);
    std::iter::once([&head, start].concat()).chain(rest.chunks(CHUNK).map(<[u8]>::to_vec))
}

/// Who sends over a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Clients mask what they send (RFC 6455 §5.3): four bytes a frame.
    Client,
    /// The coordinator does not.
    Coordinator,
}

/// Bytes of one frame of so many on a WebSocket, its header included (RFC 6455 §5.2).
pub fn framed_len(payload: usize, sender: Sender) -> u64 {
    let header = if payload < 126 {
        2
    } else if payload < 1 << 16 {
        4
    } else {
        10
    };
    let mask = match sender {
        Sender::Client => 4,
        Sender::Coordinator => 0,
    };
    payload as u64 + header + mask
}

/// Bytes of a message of so many on a WebSocket: its frames with their headers.
pub fn wire_len(message: usize, sender: Sender) -> u64 {
    let whole = message + 4;
    let rest = if whole.is_multiple_of(CHUNK) { 0 } else { framed_len(whole % CHUNK, sender) };
    (whole / CHUNK) as u64 * framed_len(CHUNK, sender) + rest
}

/// Puts the frames of one connection together again.
#[derive(Debug, Default)]
pub struct Assembler {
    expected: Option<usize>,
    bytes: Vec<u8>,
}

impl Assembler {
    /// Takes a frame; gives the message once it is whole. `allowed` is the longest message that makes sense now.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] by the header alone; [`Refusal::Malformed`] when frames do not add up to the length, or are
    /// empty. After an error the connection is of no use.
    pub fn push(&mut self, frame: &[u8], allowed: usize) -> Result<Option<Vec<u8>>, Refusal> {
        let (expected, chunk) = match self.expected {
            Some(expected) if frame.is_empty() && expected > self.bytes.len() => return Err(Refusal::Malformed),
            Some(expected) => (expected, frame),
            None => {
                let (head, chunk) = frame.split_first_chunk::<4>().ok_or(Refusal::Malformed)?;
                let claimed = u32::from_le_bytes(*head);
                if claimed as usize > allowed {
                    return Err(Refusal::TooLarge { claimed: claimed.into(), allowed: allowed as u64 });
                }
                (claimed as usize, chunk)
            }
        };
        if frame.len() > CHUNK || self.bytes.len() + chunk.len() > expected {
            return Err(Refusal::Malformed);
        }
        // Grown as it fills, so that a claim alone takes no memory, but never beyond what will come.
        if self.bytes.capacity() - self.bytes.len() < chunk.len() {
            let len = (2 * self.bytes.len() + CHUNK).min(expected);
            self.bytes.reserve_exact(len - self.bytes.len());
        }
        self.bytes.extend_from_slice(chunk);
        self.expected = Some(expected);
        if self.bytes.len() < expected {
            return Ok(None);
        }
        self.expected = None;
        Ok(Some(std::mem::take(&mut self.bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn together(frames: impl Iterator<Item = Vec<u8>>, allowed: usize) -> Result<Option<Vec<u8>>, Refusal> {
        let mut assembler = Assembler::default();
        let mut whole = None;
        for frame in frames {
            assert!(whole.is_none() && frame.len() <= CHUNK);
            whole = assembler.push(&frame, allowed)?;
        }
        Ok(whole)
    }

    #[test]
    fn a_message_takes_no_more_room_than_it_needs() {
        let message = vec![7; 9 * CHUNK + 5];
        let whole = together(split(&message), message.len()).expect("it is whole").expect("it is whole");
        assert!(whole.capacity() < message.len() + CHUNK, "{} bytes for {}", whole.capacity(), message.len());
    }

    #[test]
    fn the_bytes_of_a_message_are_those_of_its_frames() {
        for len in [0, 1, 121, 122, 130, CHUNK - 4, CHUNK - 3, 3 * CHUNK, 70_000] {
            for sender in [Sender::Client, Sender::Coordinator] {
                let frames: u64 = split(&vec![0; len]).map(|it| framed_len(it.len(), sender)).sum();
                assert_eq!(wire_len(len, sender), frames, "{len}");
            }
        }
        assert_eq!((wire_len(100, Sender::Coordinator), wire_len(100, Sender::Client)), (106, 110));
    }

    #[test]
    fn every_length_survives() {
        for len in [0, 1, CHUNK - 5, CHUNK - 4, CHUNK - 3, 3 * CHUNK, 3 * CHUNK + 1] {
            let message: Vec<u8> = (0..len).map(|it| it as u8).collect();
            assert_eq!(together(split(&message), len), Ok(Some(message)), "{len}");
        }
    }

    #[test]
    fn too_large_is_refused_by_the_header_alone() {
        let refused = Assembler::default().push(&u32::MAX.to_le_bytes(), 1000);
        assert_eq!(refused, Err(Refusal::TooLarge { claimed: u32::MAX.into(), allowed: 1000 }));
    }

    #[test]
    fn frames_that_run_over_or_say_nothing_are_refused() {
        let mut assembler = Assembler::default();
        assert_eq!(assembler.push(&[3, 0, 0, 0, 1], 10), Ok(None));
        assert_eq!(assembler.push(&[], 10), Err(Refusal::Malformed));
        assert_eq!(assembler.push(&[1, 2, 3], 10), Err(Refusal::Malformed));
        assert_eq!(Assembler::default().push(&[1, 0], 10), Err(Refusal::Malformed));
    }
}
