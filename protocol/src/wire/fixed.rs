//! Fixed: integers with a fixed number of bytes on the wire, so that the length of a message is known before its
//! content. In JSON they are numbers.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An integer of fixed width.
pub trait Whole: Copy + Serialize + for<'de> Deserialize<'de> {
    /// Bytes of the integer.
    type Bytes: Serialize + for<'de> Deserialize<'de>;
    /// Converts to bytes, lowest first.
    fn to_bytes(self) -> Self::Bytes;
    /// Converts from bytes, lowest first.
    fn from_bytes(bytes: Self::Bytes) -> Self;
}

macro_rules! whole {
    ($($number:ty: $n:literal),+) => {
        $(impl Whole for $number {
            type Bytes = [u8; $n];
            fn to_bytes(self) -> [u8; $n] {
                self.to_le_bytes()
            }
            fn from_bytes(bytes: [u8; $n]) -> Self {
                Self::from_le_bytes(bytes)
            }
        })+
    };
}

whole!(u32: 4, u64: 8);

/// Serialiser for `#[serde(with)]`.
///
/// # Errors
/// When the serializer fails.
pub fn serialize<T: Whole, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() { value.serialize(serializer) } else { value.to_bytes().serialize(serializer) }
}

/// Deserialiser for `#[serde(with)]`.
///
/// # Errors
/// When there are too few bytes, or no number.
pub fn deserialize<'de, T: Whole, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    if deserializer.is_human_readable() {
        T::deserialize(deserializer)
    } else {
        T::Bytes::deserialize(deserializer).map(T::from_bytes)
    }
}

/// Optional integers of fixed width.
pub mod option {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Whole};

    /// Serialiser for `#[serde(with)]`.
    ///
    /// # Errors
    /// When the serializer fails.
    pub fn serialize<T: Whole, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            value.serialize(serializer)
        } else {
            value.map(Whole::to_bytes).serialize(serializer)
        }
    }

    /// Deserialiser for `#[serde(with)]`.
    ///
    /// # Errors
    /// When there are too few bytes, or no number.
    pub fn deserialize<'de, T: Whole, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        if deserializer.is_human_readable() {
            Option::deserialize(deserializer)
        } else {
            Option::<T::Bytes>::deserialize(deserializer).map(|it| it.map(T::from_bytes))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Evaluation, encoded_len};

    #[test]
    fn small_and_large_numbers_take_the_same_bytes() {
        let evaluation = |n, correct| Evaluation { n, correct, loss: 0.5 };
        for it in [evaluation(0, Some(0)), evaluation(u32::MAX, Some(u32::MAX))] {
            assert_eq!(encoded_len(&it), 4 + 1 + 4 + 4);
            let bytes = super::super::encode(&it);
            assert_eq!(super::super::decode::<Evaluation>(&bytes), Ok(it));
        }
        assert_eq!(encoded_len(&evaluation(7, None)), 4 + 1 + 4);
    }

    #[test]
    fn json_has_numbers() {
        let it = Evaluation { n: 7, correct: Some(5), loss: 0.5 };
        let text = serde_json::to_string(&it).expect("plain data");
        assert_eq!(text, r#"{"n":7,"correct":5,"loss":0.5}"#);
        assert_eq!(serde_json::from_str::<Evaluation>(&text).expect("what was written"), it);
    }
}
