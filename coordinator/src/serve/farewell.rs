//! Farewells: why a socket is closed from here, as a close code of RFC 6455 and a word that pages put into a sentence.

/// Why a socket is closed from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// The secret does not open the session, or there is no such session.
    Stranger,
    /// The host screen sent something unreadable.
    Garbled,
    /// A client is refused; the message before says why.
    Refused,
    /// The coordinator stops or restarts.
    Restarting,
    /// Nothing was heard for too long.
    Silent,
    /// Nothing more is to be said.
    Over,
}

impl Farewell {
    /// The close code.
    pub fn code(self) -> u16 {
        match self {
            Self::Stranger | Self::Garbled | Self::Refused => 1008,
            Self::Restarting => 1012,
            Self::Silent => 1013,
            Self::Over => 1000,
        }
    }

    /// The reason in the close frame.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stranger => "stranger",
            Self::Garbled => "garbled",
            Self::Refused => "refused",
            Self::Restarting => "restarting",
            Self::Silent => "silent",
            Self::Over => "over",
        }
    }
}
