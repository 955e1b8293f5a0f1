//! The session's heart through whole stages, played by clients that answer by rule.

mod cohorts;
mod crew;
mod evidence;
mod held;
mod masks;
mod measured;
mod orders;
mod parts;
mod rounds;
mod stages;
mod tickets;
