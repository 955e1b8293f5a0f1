//! The shell around the session, on real files and real sockets.

mod doors;
mod exports;
mod pages;
mod raw;
mod rounds;
mod screen;
mod store;
mod tiny;
