//! The shell around the session, on real files and real sockets.

mod centre;
mod doors;
mod evaluator;
mod exports;
mod folder;
mod pages;
mod policy;
mod raw;
mod rounds;
mod saving;
mod screen;
mod store;
mod tiny;
mod tls;
mod version1;
