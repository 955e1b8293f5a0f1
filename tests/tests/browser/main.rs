//! Real tabs: the browser itself, and people's whole way through a session in it.

mod adapter;
mod shaders;
mod rounds;
mod devices;
mod network;
mod screen;
